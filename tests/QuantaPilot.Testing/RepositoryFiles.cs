namespace QuantaPilot.Testing;

/// <summary>Files of the repository, by their paths below its root.</summary>
public static class RepositoryFiles
{
    public static string Root { get; } = FindRoot();

    public static string PathOf(string path) => Path.Combine(Root, path);

    public static string Read(string path) => File.ReadAllText(PathOf(path));

    private static string FindRoot()
    {
        for (var directory = new DirectoryInfo(AppContext.BaseDirectory); directory is not null; directory = directory.Parent)
        {
            if (Directory.Exists(Path.Combine(directory.FullName, "_schemas"))) return directory.FullName;
        }
        throw new InvalidOperationException($"There is no _schemas above {AppContext.BaseDirectory}.");
    }
}
