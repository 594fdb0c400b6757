using System.Text.Json;
using System.Text.Json.Nodes;
using QuantaPilot.Cli.CommandLine;

namespace QuantaPilot.Cli.Client;

/// <summary>An event as it came: a CloudEvents object.</summary>
/// <param name="Name">Without the prefix, e.g. <c>gate_requested</c>.</param>
/// <param name="RunId">The run.</param>
/// <param name="Sequence">Its place in the log of the run.</param>
/// <param name="Time">When it happened.</param>
/// <param name="Data">Its payload.</param>
/// <param name="Json">The whole object, on one line.</param>
internal sealed record ReceivedEvent(string Name, string RunId, long Sequence, DateTimeOffset Time, JsonObject Data, string Json)
{
    private const string TypePrefix = "quantapilot.";

    /// <summary>True for the last event of a run.</summary>
    public bool EndsRun => Name is "run_completed" or "run_failed";

    /// <summary>A member of the payload as text; empty if there is none.</summary>
    public string this[string member] => Data[member]?.ToString() ?? "";

    /// <exception cref="CliException">The text is not an event.</exception>
    public static ReceivedEvent Parse(string json)
    {
        try
        {
            var e = JsonNode.Parse(json)!.AsObject();
            var type = e["type"]!.GetValue<string>();
            return new ReceivedEvent(
                type.StartsWith(TypePrefix, StringComparison.Ordinal) ? type[TypePrefix.Length..] : type,
                e["subject"]!.GetValue<string>(),
                e["sequence"]!.GetValue<long>(),
                e["time"]!.GetValue<DateTimeOffset>(),
                e["data"]!.AsObject(),
                e.ToJsonString());
        }
        catch (Exception e) when (e is JsonException or NullReferenceException or InvalidOperationException or FormatException)
        {
            throw new CliException($"The server sent an event that this version of qp can't read: {e.Message}", inner: e);
        }
    }
}
