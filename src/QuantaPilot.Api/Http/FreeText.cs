namespace QuantaPilot.Api.Http;

/// <summary>The rules for reasons.</summary>
internal static class FreeText
{
    public const int MaxLength = 1000;

    /// <summary>Null if the text is accepted, else what is wrong with it.</summary>
    public static string? FindFault(string? text)
    {
        if (text is null) return null;
        if (text.Length > MaxLength) return $"must have at most {MaxLength} characters";
        return text.Any(c => char.IsControl(c) && c is not ('\n' or '\t'))
            ? "must not contain control characters, except line feed and tab"
            : null;
    }
}
