using System.Text;
using System.Text.Json;
using QuantaPilot.Core.Runs;

namespace QuantaPilot.Integrations.Chat.Tasks;

/// <param name="Path">From the root of the repository, with <c>/</c>.</param>
/// <param name="Content">The whole of the file.</param>
/// <param name="Summary">For the reviewer, in the model's words.</param>
internal sealed record TaskAnswer(string Path, string Content, string Summary);

/// <summary>Takes a model's answer to a task apart.</summary>
internal static class TaskAnswers
{
    /// <summary>The most characters that a file may have.</summary>
    public const int MostContent = 200_000;

    private const int MostPath = 500;
    private const int MostName = 255;
    private static readonly string[] Members = ["path", "content", "summary"];

    /// <param name="answer">What the model wrote.</param>
    /// <param name="root">The checkout.</param>
    /// <param name="isIgnored">True for paths that git leaves out.</param>
    public static CheckedAnswer<TaskAnswer> Check(string answer, string root, Func<string, bool> isIgnored)
    {
        if (Parse(answer, out var parsed) is { } fault) return CheckedAnswer<TaskAnswer>.Bad(fault);
        var faults = new List<string>();
        if (FindPathFault(root, parsed!.Path) is { } wrong) faults.Add($"path {wrong}");
        else if (isIgnored(parsed.Path)) faults.Add("path is one that .gitignore leaves out");
        if (parsed.Content.Length > MostContent) faults.Add($"content has more than {MostContent} characters");
        if (parsed.Content.Contains('\0', StringComparison.Ordinal)) faults.Add("content holds a NUL: only text is written");
        if (Redactor.HoldsSecret(parsed.Content)) faults.Add("content holds what looks like a secret");
        if (string.IsNullOrWhiteSpace(parsed.Summary)) faults.Add("summary is empty");
        return faults.Count == 0 ? CheckedAnswer<TaskAnswer>.Good(parsed) : CheckedAnswer<TaskAnswer>.Bad(faults);
    }

    private static string? Parse(string answer, out TaskAnswer? parsed)
    {
        parsed = null;
        try
        {
            using var document = JsonDocument.Parse(ModelText.Unwrap(answer, "json"), new JsonDocumentOptions { MaxDepth = 8 });
            var root = document.RootElement;
            if (root.ValueKind != JsonValueKind.Object) return $"it is not a JSON object with {string.Join(", ", Members)}";
            var texts = new string[Members.Length];
            for (var i = 0; i < Members.Length; i++)
            {
                if (!root.TryGetProperty(Members[i], out var value) || value.ValueKind != JsonValueKind.String)
                    return $"{Members[i]} is missing, or not a text";
                texts[i] = value.GetString()!;
            }
            var others = root.EnumerateObject().Select(member => member.Name).Where(name => !Members.Contains(name)).ToList();
            if (others.Count > 0) return $"the member {others[0]} is unknown: accepted are {string.Join(", ", Members)}";
            parsed = new TaskAnswer(texts[0], texts[1], texts[2]);
            return null;
        }
        catch (JsonException e)
        {
            return $"it is not valid JSON (line {e.LineNumber + 1})";
        }
        catch (InvalidOperationException)
        {
            return "a text in it is not valid Unicode";
        }
    }

    /// <summary>Nothing outside the checkout, nothing of git's, nothing through a link.</summary>
    private static string? FindPathFault(string root, string path)
    {
        if (path.Length is 0 or > MostPath) return $"must have 1 to {MostPath} characters";
        if (path.Any(c => char.IsControl(c) || c is '\\' or ':' or '\uFFFD'))
            return "must have no control characters, backslashes or colons";
        var parts = path.Split('/');
        if (parts.Any(part => part is "" or "." or ".."))
            return "must be relative to the root of the repository, without . and .. segments";
        if (parts.Any(IsGits)) return "must not lead into .git";
        if (parts.Any(part => Encoding.UTF8.GetByteCount(part) > MostName)) return $"must have no name over {MostName} bytes";
        var full = root;
        for (var i = 0; i < parts.Length; i++)
        {
            full = Path.Combine(full, parts[i]);
            if (new FileInfo(full).LinkTarget is not null) return $"leads through a symbolic link, {string.Join('/', parts[..(i + 1)])}";
            var isLast = i == parts.Length - 1;
            if (isLast ? Directory.Exists(full) : File.Exists(full))
                return $"names a {(isLast ? "folder where a file" : "file where a folder")} must be: {string.Join('/', parts[..(i + 1)])}";
        }
        return null;
    }

    /// <summary>What file systems take for git's own directory; the rest of the rules hold when the work is committed.</summary>
    private static bool IsGits(string part)
    {
        var name = part.TrimEnd(' ', '.');
        return name.Equals(".git", StringComparison.OrdinalIgnoreCase) || name.Equals("git~1", StringComparison.OrdinalIgnoreCase);
    }
}
