using Azure;
using QuantaPilot.Core.Runs;

namespace QuantaPilot.Integrations.Tables;

/// <param name="Run">What the events and votes made of it.</param>
/// <param name="Version">Counts the writes to the row.</param>
/// <param name="ETag">Guards the next write.</param>
/// <param name="StuckReason">Why it is stuck, if it is.</param>
/// <param name="Blob">Where the document is, if it is too large for the row.</param>
/// <param name="Entries">The lists that it entered, and the ETag of its row in each.</param>
internal sealed record StoredRun(
    RunSnapshot Run, long Version, ETag ETag, string? StuckReason, string? Blob, IReadOnlyDictionary<string, ETag> Entries)
{
    /// <summary>The run as others see it.</summary>
    public RunSnapshot Shown => Show(Run, StuckReason);

    public static RunSnapshot Show(RunSnapshot run, string? stuckReason) =>
        stuckReason is null ? run : run with { Status = RunStatus.Stuck, StatusReason = stuckReason };
}
