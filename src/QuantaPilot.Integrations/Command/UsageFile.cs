using System.Globalization;
using System.Text.Json;
using QuantaPilot.Core.Runs;

namespace QuantaPilot.Integrations.Command;

/// <summary>
/// The file that QP_USAGE_FILE names, in which a program may say what it used up: <c>{ "tokens": 1200, "usd": 0.03 }</c>, either or
/// both. What the file says when the program ends counts, however it ends.
/// </summary>
internal static class UsageFile
{
    private const int MaxBytes = 4 * 1024;

    /// <summary>As for agents that answer over HTTP and for limits: beyond what any run uses up, and sums of them stay sums.</summary>
    private const long MaxTokens = 1_000_000_000_000;

    private const decimal MaxUsd = 1_000_000;

    private static readonly string _accepted = """Accepted is a JSON object such as {"tokens": 1200, "usd": 0.03}: """
        + string.Create(CultureInfo.InvariantCulture, $"tokens a whole number from 0 to {MaxTokens}, usd from 0 to {MaxUsd}.");

    /// <param name="path">The file; it need not be there.</param>
    /// <param name="seconds">For how long the program ran.</param>
    /// <param name="fault">What is wrong with the file, without repeating it; null if nothing is.</param>
    public static AgentUsage Read(string path, double seconds, out string? fault)
    {
        fault = null;
        var file = new FileInfo(path);
        if (!file.Exists) return new AgentUsage(0, 0, seconds);
        try
        {
            // A link could lead anywhere on the host.
            if (file.LinkTarget is null && TryRead(path, out var text) && TryParse(text, out var tokens, out var usd))
                return new AgentUsage(tokens, usd, seconds);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException)
        {
            // Told as every other fault of the file.
        }
        fault = $"The file named by QP_USAGE_FILE is not as it must be. {_accepted}";
        return new AgentUsage(0, 0, seconds);
    }

    /// <returns>False if it is too long, or no file in the usual sense.</returns>
    private static bool TryRead(string path, out byte[] text)
    {
        // Opened for reading only, a pipe would wait until somebody writes to it, perhaps for ever.
        using var file = new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);
        var isRead = file.CanSeek && file.Length <= MaxBytes;
        text = isRead ? new byte[file.Length] : [];
        file.ReadExactly(text);
        return isRead;
    }

    /// <exception cref="JsonException">It is not JSON.</exception>
    private static bool TryParse(byte[] text, out long tokens, out decimal usd)
    {
        (tokens, usd) = (0, 0);
        using var document = JsonDocument.Parse(text);
        if (document.RootElement.ValueKind != JsonValueKind.Object) return false;
        foreach (var member in document.RootElement.EnumerateObject())
        {
            if (member.Value.ValueKind != JsonValueKind.Number) return false;
            var isRead = member.Name switch
            {
                "tokens" => member.Value.TryGetInt64(out tokens) && tokens is >= 0 and <= MaxTokens,
                "usd" => member.Value.TryGetDecimal(out usd) && usd is >= 0 and <= MaxUsd,
                _ => false,
            };
            if (!isRead) return false;
        }
        return true;
    }
}
