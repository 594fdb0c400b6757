using System.Globalization;
using System.Text.RegularExpressions;

namespace QuantaPilot.Api.Http;

/// <summary>Times in requests.</summary>
internal static partial class Rfc3339
{
    /// <summary>Accepts a date with a time and its offset, to at most seven digits of a second.</summary>
    public static bool TryParse(string text, out DateTimeOffset time)
    {
        time = default;
        return Pattern().IsMatch(text)
            && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AdjustToUniversal, out time);
    }

    [GeneratedRegex(@"\A\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,7})?(?:Z|[+-]\d\d:\d\d)\z", RegexOptions.ECMAScript)]
    private static partial Regex Pattern();
}
