using QuantaPilot.Cli.CommandLine;

namespace QuantaPilot.Cli.Runs;

/// <summary>Lets a person name a repository on this machine by its path.</summary>
internal static class RepositoryPath
{
    /// <returns>The text if it is a URL, else the file:// URL of the directory.</returns>
    /// <exception cref="UsageException">There is no such directory.</exception>
    public static string ToUrl(string text, string workingDirectory)
    {
        if (FindFault(text, workingDirectory) is { } fault) throw new UsageException($"--repo {fault}");
        return IsUrl(text)
            ? text
            : "file://" + string.Join('/', Find(text, workingDirectory).Split(Path.DirectorySeparatorChar).Select(Uri.EscapeDataString));
    }

    /// <summary>Null if the text names a repository as far as can be seen from here, else what is wrong with it.</summary>
    public static string? FindFault(string text, string workingDirectory) =>
        IsUrl(text) || Directory.Exists(Find(text, workingDirectory))
            ? null
            : $"'{text}' is neither a URL nor a directory here. Accepted are https:// URLs, http:// and file:// ones, and local paths.";

    private static bool IsUrl(string text) => text.Contains("://", StringComparison.Ordinal);

    private static string Find(string text, string workingDirectory) =>
        Path.TrimEndingDirectorySeparator(Path.GetFullPath(text, workingDirectory));
}
