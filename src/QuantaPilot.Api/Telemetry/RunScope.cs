using System.Collections;
using QuantaPilot.Core.Runs;
using QuantaPilot.Core.Telemetry;

namespace QuantaPilot.Api.Telemetry;

/// <summary>What log lines within an activity carry.</summary>
internal sealed class RunScope(RunId runId, string? correlationId) : IReadOnlyList<KeyValuePair<string, object?>>
{
    public int Count => correlationId is null ? 1 : 2;

    public KeyValuePair<string, object?> this[int index] => index switch
    {
        0 => new(RunTags.RunId, runId.ToString()),
        1 when correlationId is not null => new(RunTags.CorrelationId, correlationId),
        _ => throw new ArgumentOutOfRangeException(nameof(index)),
    };

    public IEnumerator<KeyValuePair<string, object?>> GetEnumerator()
    {
        for (var i = 0; i < Count; i++) yield return this[i];
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    public override string ToString() => $"run {runId}";
}
