using QuantaPilot.Core.Runs;
using QuantaPilot.Core.Telemetry;

namespace QuantaPilot.Api.Telemetry;

/// <summary>
/// Counts the statuses that events bring runs to. The same events ride with several activities until one has come back, so
/// what was counted is remembered, for as many runs as are likely to be in motion. After a restart, or where several hosts
/// carry out one run, an event can be counted twice.
/// </summary>
internal sealed class RunCounter
{
    private const int Generation = 4096;
    private readonly Lock _gate = new();
    private Dictionary<RunId, Progress> _recent = [];
    private Dictionary<RunId, Progress> _older = [];

    public void Count(RunId runId, IReadOnlyList<RunEvent> events)
    {
        if (!Instruments.Runs.Enabled || events.Count == 0) return;
        List<RunStatus> statuses = [];
        lock (_gate)
        {
            if (!_recent.TryGetValue(runId, out var progress) && !_older.TryGetValue(runId, out progress)) progress = default;
            foreach (var e in events)
            {
                if (e.Revision <= progress.Revision) continue;
                progress = new Progress(e.Revision, e switch
                {
                    GateRequested => true,
                    GateDecided => false,
                    _ => progress.AtGate,
                });
                if (StatusAfter(e, progress.AtGate) is { } status) statuses.Add(status);
            }
            if (_recent.Count >= Generation && !_recent.ContainsKey(runId)) (_recent, _older) = ([], _recent);
            _recent[runId] = progress;
        }
        foreach (var status in statuses) Instruments.CountRun(status);
    }

    /// <summary>The status that a run comes to by an event, or null if it stays where it is.</summary>
    private static RunStatus? StatusAfter(RunEvent e, bool atGate) => e switch
    {
        RunStarted or GateDecided or PauseWithdrawn => RunStatus.Running,
        // Every run begins as queued, and was counted as such when it was stored.
        RunQueued { Revision: > 1 } => RunStatus.Queued,
        GateRequested => RunStatus.Waiting,
        PauseRequested => RunStatus.Pausing,
        RunPaused => RunStatus.Paused,
        RunResumed => atGate ? RunStatus.Waiting : RunStatus.Running,
        CancelRequested => RunStatus.Cancelling,
        RunFailed { ErrorCode: ErrorCodes.Cancelled } => RunStatus.Cancelled,
        RunFailed => RunStatus.Failed,
        RunCompleted => RunStatus.Completed,
        _ => null,
    };

    private readonly record struct Progress(long Revision, bool AtGate);
}
