using System.Text.Json;
using System.Text.Json.Serialization;

namespace QuantaPilot.Engine.Execution;

/// <summary>An instance's history as it is exported and committed for replay tests: turn 0 is what it started from.</summary>
internal sealed record HistoryDocument(string InstanceId, List<List<HistoryEvent>> Turns);

/// <summary>The stored form of history.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(HistoryDocument))]
[JsonSerializable(typeof(List<HistoryEvent>))]
internal sealed partial class HistoryJson : JsonSerializerContext
{
    public static byte[] Write(List<HistoryEvent> turn) => JsonSerializer.SerializeToUtf8Bytes(turn, Default.ListHistoryEvent);

    public static byte[] Write(HistoryEvent message) => JsonSerializer.SerializeToUtf8Bytes(message, Default.HistoryEvent);

    public static List<HistoryEvent> ReadTurn(ReadOnlySpan<byte> utf8) => JsonSerializer.Deserialize(utf8, Default.ListHistoryEvent)!;

    public static HistoryEvent ReadMessage(ReadOnlySpan<byte> utf8) => JsonSerializer.Deserialize(utf8, Default.HistoryEvent)!;
}
