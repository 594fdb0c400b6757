using System.Globalization;
using Microsoft.AspNetCore.Http;

namespace QuantaPilot.Api.Http;

/// <summary>The <c>Prefer</c> header (RFC 7240). What is unknown or ill-formed in it is ignored, as the RFC has it.</summary>
internal static class Preferences
{
    /// <summary>Longer waits are cut to this: proxies tend to cut connections off soon after.</summary>
    private const int MaxWaitSeconds = 60;

    /// <summary>How long the caller would wait for an answer, or null if it does not say.</summary>
    public static TimeSpan? ReadWait(HttpContext context)
    {
        foreach (var header in context.Request.Headers["Prefer"])
        {
            foreach (var preference in (header ?? "").Split(','))
            {
                var parts = preference.Split(';')[0].Split('=', 2, StringSplitOptions.TrimEntries);
                if (parts is not [var name, var value] || !name.Equals("wait", StringComparison.OrdinalIgnoreCase)) continue;
                if (uint.TryParse(value.Trim('"'), NumberStyles.None, CultureInfo.InvariantCulture, out var seconds))
                    return TimeSpan.FromSeconds(Math.Min(seconds, MaxWaitSeconds));
            }
        }
        return null;
    }
}
