namespace QuantaPilot.Integrations.Outline.Reading;

/// <summary>Paths of the repository, with <c>/</c>.</summary>
internal static class Paths
{
    public static string Join(string folder, string name) => folder.Length == 0 ? name : $"{folder}/{name}";

    /// <summary>The path that a relative one means in a folder, or null if it leads outside the repository.</summary>
    public static string? Resolve(string folder, string relative)
    {
        var parts = new List<string>(folder.Length == 0 ? [] : folder.Split('/'));
        foreach (var part in relative.Replace('\\', '/').Split('/'))
        {
            if (part is "" or ".") continue;
            if (part != "..")
            {
                parts.Add(part);
                continue;
            }
            if (parts.Count == 0) return null;
            parts.RemoveAt(parts.Count - 1);
        }
        return string.Join('/', parts);
    }

    /// <summary>A command as it is typed at the root of the repository.</summary>
    public static string In(string folder, string command) =>
        folder.Length == 0
            ? command
            : $"cd {(folder.All(c => char.IsAsciiLetterOrDigit(c) || c is '/' or '.' or '_' or '-') ? folder : $"'{folder.Replace("'", "'\\''", StringComparison.Ordinal)}'")} && {command}";
}

/// <summary>Finds the line of a text in a file, so that a claim can point to it.</summary>
internal sealed class LineFinder(string path, string text)
{
    public Source Of(string needle)
    {
        var index = text.IndexOf(needle, StringComparison.Ordinal);
        return new Source(path, index < 0 ? null : text.AsSpan(0, index).Count('\n') + 1);
    }
}
