using System.Text.RegularExpressions;

namespace QuantaPilot.Api.Gates;

internal static partial class GateName
{
    public const string Accepted = "anchor, first-merge or milestone:{id}, with an id of 1 to 64 letters, digits, dots, hyphens and underscores";

    public static bool IsValid(string? text) => text is not null && Pattern().IsMatch(text);

    [GeneratedRegex(@"\A(?:anchor|first-merge|milestone:[A-Za-z0-9][A-Za-z0-9._-]{0,63})\z")]
    private static partial Regex Pattern();
}
