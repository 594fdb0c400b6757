namespace QuantaPilot.EndToEnd.Examples;

/// <summary>A folder of examples/, as a git repository of its own.</summary>
internal static class ExampleProject
{
    /// <param name="directory">Where the repository is made.</param>
    /// <param name="name">The folder.</param>
    /// <param name="change">What is different from the example, given the directory of the files.</param>
    public static GitRepository Create(TempDirectory directory, string name, Action<string>? change = null)
    {
        var source = RepositoryFiles.PathOf(Path.Combine("examples", name));
        var repository = new GitRepository(directory, name);
        repository.Commit("main", work =>
        {
            foreach (var file in Directory.EnumerateFiles(source, "*", SearchOption.AllDirectories))
            {
                var target = Path.Combine(work, Path.GetRelativePath(source, file));
                Directory.CreateDirectory(Path.GetDirectoryName(target)!);
                File.Copy(file, target);
            }
            change?.Invoke(work);
        });
        return repository;
    }

    /// <summary>Runs a program in a fresh clone of the main branch.</summary>
    /// <returns>Its exit code, and what it wrote to both streams.</returns>
    public static async Task<(int Exit, string Output)> RunInCloneAsync(
        TempDirectory directory, GitRepository repository, params string[] command)
    {
        var clone = directory.Combine($"clone-{Guid.NewGuid():N}");
        GitCommand.Run(directory.Path, "clone", "--quiet", "--branch", "main", repository.Bare, clone);
        using var process = QpProcess.StartProgram(clone, new Dictionary<string, string>(), command);
        return (await process.ExitAsync(), process.Output);
    }
}
