using System.Collections.Concurrent;
using QuantaPilot.Core.Ports;
using QuantaPilot.Core.Runs;

namespace QuantaPilot.Api.Runs;

/// <summary>How far the steps have come that this process carries out.</summary>
public sealed class RunProgress : IStepProgress
{
    private readonly ConcurrentDictionary<RunId, StepProgress> _runs = new();
    private readonly AsyncLocal<Step?> _step = new();

    /// <summary>How far the step in hand has come; null if none of the run is in hand here, or it has said nothing.</summary>
    public StepProgress? Find(RunId runId) => _runs.GetValueOrDefault(runId);

    /// <summary>What is reported from here on, in whatever this calls, is about the run, until what is returned is disposed of.</summary>
    public IDisposable Begin(RunId runId)
    {
        var step = new Step(this, runId);
        _step.Value = step;
        return step;
    }

    /// <inheritdoc/>
    public void Report(ProgressKind doing, long done, long? total)
    {
        if (_step.Value is { HasEnded: false } step) _runs[step.RunId] = new StepProgress(doing, done, total);
    }

    private sealed class Step(RunProgress progress, RunId runId) : IDisposable
    {
        public RunId RunId => runId;

        /// <summary>Work that was left to itself may go on for a moment.</summary>
        public bool HasEnded { get; private set; }

        public void Dispose()
        {
            HasEnded = true;
            progress._runs.TryRemove(runId, out _);
        }
    }
}
