namespace QuantaPilot.Core.Runs;

/// <summary>The rules of <c>git check-ref-format --branch</c>, and a bound on the length.</summary>
public static class BranchName
{
    public const int MaxLength = 255;

    /// <summary>Null if the text can name a branch, else what is wrong with it.</summary>
    public static string? FindFault(string text)
    {
        if (text.Length is 0 or > MaxLength) return $"must have 1 to {MaxLength} characters";
        if (text == "@" || text.Contains("@{", StringComparison.Ordinal)) return "must not be @ or contain @{";
        if (text.Contains("..", StringComparison.Ordinal)) return "must not contain ..";
        if (text[0] == '-') return "must not begin with -";
        if (text.EndsWith('.')) return "must not end with a dot";
        foreach (var c in text)
        {
            if (char.IsControl(c) || c is ' ' or '~' or '^' or ':' or '?' or '*' or '[' or '\\' or '\uFFFD')
                return "must not contain spaces, control characters or any of ~ ^ : ? * [ \\";
        }
        foreach (var part in text.Split('/'))
        {
            if (part.Length == 0) return "must not begin or end with / or contain //";
            if (part[0] == '.' || part.EndsWith(".lock", StringComparison.Ordinal))
            {
                return "must have no part that begins with a dot or ends with .lock";
            }
        }
        return null;
    }
}
