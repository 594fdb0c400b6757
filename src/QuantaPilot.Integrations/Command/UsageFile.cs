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
    private const string Accepted = """Accepted is a JSON object such as {"tokens": 1200, "usd": 0.03}.""";

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
            if (file.LinkTarget is null && file.Length <= MaxBytes && TryParse(File.ReadAllBytes(path), out var tokens, out var usd))
                return new AgentUsage(tokens, usd, seconds);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException)
        {
            // Told as every other fault of the file.
        }
        fault = $"The file named by QP_USAGE_FILE is not as it must be. {Accepted}";
        return new AgentUsage(0, 0, seconds);
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
                "tokens" => member.Value.TryGetInt64(out tokens) && tokens >= 0,
                "usd" => member.Value.TryGetDecimal(out usd) && usd >= 0,
                _ => false,
            };
            if (!isRead) return false;
        }
        return true;
    }
}
