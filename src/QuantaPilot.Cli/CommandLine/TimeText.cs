using System.Globalization;
using QuantaPilot.Core.Pipeline;

namespace QuantaPilot.Cli.CommandLine;

/// <summary>Times on the command line: a time with its offset, or how long from now or ago.</summary>
internal static class TimeText
{
    public const string Accepted = $"{DurationText.Accepted}, or a time with its offset, e.g. 2027-01-31T00:00:00Z";

    private static readonly string[] _formats = ["yyyy-MM-dd'T'HH:mm:ss'Z'", "yyyy-MM-dd'T'HH:mm:sszzz"];

    public static bool IsAccepted(string text) => DurationText.TryParse(text, out _) || TryParse(text, out _);

    /// <summary>A text that <see cref="IsAccepted"/>, as the API takes times; a duration counts from now on.</summary>
    public static string FromNow(string text, TimeProvider time) => Format(text, duration => time.GetUtcNow() + duration);

    /// <summary>The same; a duration counts back from now.</summary>
    public static string Ago(string text, TimeProvider time) => Format(text, duration => time.GetUtcNow() - duration);

    private static string Format(string text, Func<TimeSpan, DateTimeOffset> from)
    {
        if (!TryParse(text, out var at))
        {
            _ = DurationText.TryParse(text, out var duration);
            at = from(duration);
        }
        return at.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
    }

    private static bool TryParse(string text, out DateTimeOffset time) =>
        DateTimeOffset.TryParseExact(text, _formats, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out time);
}
