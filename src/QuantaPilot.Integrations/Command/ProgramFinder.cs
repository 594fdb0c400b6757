namespace QuantaPilot.Integrations.Command;

/// <summary>Finds the program of a command before it is started, so that its absence has a clear name.</summary>
internal static class ProgramFinder
{
    /// <param name="program">A path relative to the checkout, an absolute path, or a name that is looked up in PATH.</param>
    /// <param name="directory">The checkout.</param>
    /// <param name="path">The PATH that the program will see.</param>
    /// <param name="fault">What is wrong, naming the program as it was written.</param>
    /// <returns>The absolute path, or null.</returns>
    public static string? Find(string program, string directory, string path, out string fault)
    {
        fault = "";
        var hasFolder = program.Contains('/', StringComparison.Ordinal) || OperatingSystem.IsWindows()
            && program.Contains('\\', StringComparison.Ordinal);
        if (hasFolder)
        {
            var full = Path.GetFullPath(program, directory);
            var root = directory.TrimEnd(Path.DirectorySeparatorChar) + Path.DirectorySeparatorChar;
            if (!Path.IsPathRooted(program) && !full.StartsWith(root, StringComparison.Ordinal))
            {
                fault = $"{program} leads outside the checkout";
            }
            else if (!Candidates(full).Any(File.Exists)) fault = $"{program} does not exist{(Path.IsPathRooted(program) ? " on this host" : " in the checkout")}";
            else if (!Candidates(full).Any(IsExecutable)) fault = $"{program} is not executable: set its mode to 755, or start it through its interpreter";
            return fault.Length == 0 ? Candidates(full).First(IsExecutable) : null;
        }
        var found = path.Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries).Where(Path.IsPathRooted)
            .SelectMany(folder => Candidates(Path.Combine(folder, program))).FirstOrDefault(IsExecutable);
        if (found is null)
        {
            fault = $"{program} was not found in the PATH of the host; a program of the repository is written with its folder, such as tools/{program}";
        }
        return found;
    }

    private static IEnumerable<string> Candidates(string path) => OperatingSystem.IsWindows() ? [path, path + ".exe"] : [path];

    private static bool IsExecutable(string path) =>
        File.Exists(path) && (OperatingSystem.IsWindows()
            || (File.GetUnixFileMode(path) & (UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute)) != 0);
}
