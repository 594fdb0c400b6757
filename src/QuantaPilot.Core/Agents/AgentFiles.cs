using System.Buffers.Text;
using System.Text;
using QuantaPilot.Core.Contracts;

namespace QuantaPilot.Core.Agents;

/// <summary>The rules for the files of an agent's answer, as far as they can be told without a checkout.</summary>
public static class AgentFiles
{
    /// <summary>As many files an answer may have.</summary>
    public const int MaxFiles = 5000;

    private const int MaxPathBytes = 3000;
    private const int MaxNameBytes = 255;

    /// <returns>The member at fault and what is wrong with it; null if the file is accepted.</returns>
    public static (string Member, string Fault)? FindFault(AgentFile file)
    {
        if (FindPathFault(file.Path) is { } fault) return ("path", fault);
        object?[] values = [file.Content, file.ContentBase64, file.Deleted == true ? true : null];
        if (values.Count(value => value is not null) != 1)
        {
            return ("content", "must be given, or content_base64, or deleted, and only one of them");
        }
        return file.ContentBase64 is { } base64 && !Base64.IsValid(base64) ? ("content_base64", "must be base64") : null;
    }

    /// <summary>As much of a path as it takes to recognise it.</summary>
    public static string Shown(string? path) => string.Concat((path ?? "").Take(200).Select(c => char.IsControl(c) ? '?' : c));

    private static string? FindPathFault(string? path)
    {
        if (string.IsNullOrEmpty(path)) return "is required: a path relative to the root of the repository";
        if (Encoding.UTF8.GetByteCount(path) > MaxPathBytes) return $"must have at most {MaxPathBytes} bytes";
        if (path.Any(char.IsControl) || path.Contains('\\', StringComparison.Ordinal) || path.Contains('\uFFFD', StringComparison.Ordinal))
            return "must not contain control characters, backslashes or invalid characters";
        foreach (var part in path.Split('/'))
        {
            if (part is "" or "." or "..") return "must be relative, without empty parts, . and ..";
            if (IsGits(part)) return "must not lead into git's own directory";
            if (Encoding.UTF8.GetByteCount(part) > MaxNameBytes) return $"must have parts of at most {MaxNameBytes} bytes";
        }
        return null;
    }

    /// <summary>True for <c>.git</c> and the most that file systems take for it; the commit is checked for the rest.</summary>
    private static bool IsGits(string part)
    {
        var name = part.Split(':')[0].TrimEnd(' ', '.');
        return name.Equals(".git", StringComparison.OrdinalIgnoreCase) || name.Equals("git~1", StringComparison.OrdinalIgnoreCase);
    }
}
