using System.Globalization;

namespace QuantaPilot.Core.Pipeline;

/// <summary>
/// Durations as quantapilot.yml writes them: a whole number and a unit, e.g. <c>30s</c>, <c>20m</c>, <c>8h</c>, <c>7d</c>.
/// </summary>
public static class DurationText
{
    public const string Accepted = "a whole number and one of s, m, h, d, e.g. 20m or 7d";

    private static readonly (char Unit, TimeSpan Length)[] Units =
        [('d', TimeSpan.FromDays(1)), ('h', TimeSpan.FromHours(1)), ('m', TimeSpan.FromMinutes(1)), ('s', TimeSpan.FromSeconds(1))];

    /// <summary>Accepts 1 second to 3,650 days.</summary>
    public static bool TryParse(string text, out TimeSpan duration)
    {
        duration = default;
        var unit = Array.Find(Units, u => text.EndsWith(u.Unit)).Length;
        if (unit == default
            || !int.TryParse(text.AsSpan(0, text.Length - 1), NumberStyles.None, CultureInfo.InvariantCulture, out var number))
        {
            return false;
        }
        if (number < 1 || number > TimeSpan.FromDays(3650) / unit) return false;
        duration = number * unit;
        return true;
    }

    /// <summary>The shortest form that <see cref="TryParse"/> reads back.</summary>
    public static string Format(TimeSpan duration)
    {
        var (unit, length) = Array.Find(Units, u => duration.Ticks % u.Length.Ticks == 0 && duration >= u.Length);
        return unit == default
            ? duration.ToString("c", CultureInfo.InvariantCulture)
            : string.Create(CultureInfo.InvariantCulture, $"{duration / length}{unit}");
    }
}
