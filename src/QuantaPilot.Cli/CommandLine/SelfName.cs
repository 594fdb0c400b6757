namespace QuantaPilot.Cli.CommandLine;

/// <summary>Finds what a person has to type to start this program again, so that the commands in messages can be pasted.</summary>
internal static class SelfName
{
    private const string Name = "qp";

    /// <param name="variable">Reads an environment variable.</param>
    /// <param name="processPath">The executable of this process.</param>
    /// <param name="assemblyPath">The program that it runs, if that is the dotnet host.</param>
    /// <param name="workingDirectory">Where the person stands.</param>
    public static string Find(Func<string, string?> variable, string? processPath, string assemblyPath, string workingDirectory)
    {
        if (IsScript(variable))
        {
            return variable("npm_config_user_agent")?.StartsWith("pnpm/", StringComparison.Ordinal) == true ? "pnpm qp" : "npm run qp --";
        }
        var onPath = (variable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
            .Any(directory => File.Exists(Path.Combine(directory, OperatingSystem.IsWindows() ? Name + ".exe" : Name)));
        if (onPath || processPath is null) return Name;
        return Path.GetFileNameWithoutExtension(processPath) == "dotnet"
            ? "dotnet " + Shell.Quote(Shorten(assemblyPath, workingDirectory))
            : Shell.Quote(Shorten(processPath, workingDirectory));
    }

    /// <summary>Where the person stands: the script of a package runs in the directory of the package.</summary>
    /// <param name="variable">Reads an environment variable.</param>
    /// <param name="current">The directory of this process.</param>
    public static string WorkingDirectory(Func<string, string?> variable, string current) =>
        IsScript(variable) && variable("INIT_CWD") is { Length: > 0 } directory ? directory : current;

    private static bool IsScript(Func<string, string?> variable) => variable("npm_lifecycle_event") == Name;

    private static string Shorten(string path, string workingDirectory)
    {
        var relative = Path.GetRelativePath(workingDirectory, path);
        if (relative.Length >= path.Length) return path;
        return relative.Contains(Path.DirectorySeparatorChar, StringComparison.Ordinal) ? relative : Path.Combine(".", relative);
    }
}
