using QuantaPilot.Cli.CommandLine;

namespace QuantaPilot.Cli.Runs;

/// <summary>Lets a person name a repository on this machine by its path.</summary>
internal static class RepositoryPath
{
    /// <returns>The text if it is a URL, else the file:// URL of the directory.</returns>
    /// <exception cref="UsageException">There is no such directory.</exception>
    public static string ToUrl(string text, string workingDirectory)
    {
        if (text.Contains("://", StringComparison.Ordinal)) return text;
        var path = Path.GetFullPath(text, workingDirectory);
        if (!Directory.Exists(path))
        {
            throw new UsageException(
                $"--repo '{text}' is neither a URL nor a directory here. Accepted are https:// URLs, http:// and file:// ones, and local paths.");
        }
        return "file://" + string.Join('/', Path.TrimEndingDirectorySeparator(path).Split(Path.DirectorySeparatorChar).Select(Uri.EscapeDataString));
    }
}
