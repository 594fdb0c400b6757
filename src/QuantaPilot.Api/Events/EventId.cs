using System.Globalization;
using QuantaPilot.Core.Runs;

namespace QuantaPilot.Api.Events;

/// <summary>The id of an event over all runs: <c>{run_id}:{sequence}</c>.</summary>
internal readonly record struct EventId(RunId RunId, long Sequence)
{
    public static bool TryParse(string text, out EventId id)
    {
        id = default;
        if (text.Split(':') is not [var run, var sequence]) return false;
        if (!RunId.TryParse(run, out var runId)) return false;
        if (!long.TryParse(sequence, NumberStyles.None, CultureInfo.InvariantCulture, out var number) || number < 1) return false;
        id = new EventId(runId, number);
        return true;
    }

    public override string ToString() => $"{RunId}:{Sequence}";
}
