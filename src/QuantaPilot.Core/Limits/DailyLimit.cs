using System.Globalization;
using QuantaPilot.Core.Runs;

namespace QuantaPilot.Core.Limits;

/// <summary>What the runs of a project may use up on one day (UTC), together. Null: as much as it takes.</summary>
/// <param name="Projects">A glob over repositories (<see cref="RepositoryPolicy"/>): each that it covers has this limit for itself.</param>
/// <param name="Tokens">Tokens of models, in and out; at least 1.</param>
/// <param name="Usd">Money, in US dollars; above 0.</param>
public sealed record DailyLimit(string Projects, long? Tokens, decimal? Usd)
{
    /// <summary>What <see cref="Parse"/> accepts.</summary>
    public const string Accepted = "GLOB=tokens:N,usd:X, e.g. https://github.com/my-org/*=tokens:500000,usd:20";

    /// <summary>Reads <c>GLOB=tokens:N,usd:X</c>, with one of the two or both.</summary>
    /// <exception cref="FormatException">The text is not of that form.</exception>
    public static DailyLimit Parse(string text)
    {
        // A URL may have a = itself.
        var split = text.LastIndexOf('=');
        if (split <= 0) throw new FormatException($"'{text}' is not accepted: give {Accepted}.");
        var limit = new DailyLimit(text[..split], null, null);
        foreach (var part in text[(split + 1)..].Split(','))
        {
            limit = part.Split(':', 2) switch
            {
                ["tokens", var value] when limit.Tokens is null && TryParseTokens(value, out var tokens) => limit with { Tokens = tokens },
                ["usd", var value] when limit.Usd is null && TryParseUsd(value, out var usd) => limit with { Usd = usd },
                _ => throw new FormatException($"'{part}' of '{text}' is not accepted: give {Accepted}."),
            };
        }
        _ = new RepositoryPolicy([limit.Projects]);
        return limit;
    }

    /// <summary>A whole number from 1.</summary>
    public static bool TryParseTokens(string text, out long tokens) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out tokens) && tokens >= 1;

    /// <summary>An amount above 0.</summary>
    public static bool TryParseUsd(string text, out decimal usd) =>
        decimal.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out usd) && usd > 0;
}
