using System.Diagnostics;
using QuantaPilot.Core.Ports;

namespace QuantaPilot.Benchmarks.Large;

/// <summary>Notes when each phase of a step began, and cancels in the middle of one if it is asked to.</summary>
internal sealed class PhaseClock : IStepProgress
{
    private readonly Lock _lock = new();
    private readonly Stopwatch _clock = Stopwatch.StartNew();
    private readonly List<(ProgressKind Kind, TimeSpan At)> _begun = [];

    /// <summary>What to do in the middle of which phase.</summary>
    public (ProgressKind Kind, Action Do)? Halfway { get; set; }

    public override string ToString()
    {
        lock (_lock) return string.Join(", ", _begun.Select(begun => string.Create(
            System.Globalization.CultureInfo.InvariantCulture, $"{begun.Kind} from {begun.At.TotalSeconds:F1} s")));
    }

    public void Report(ProgressKind doing, long done, long? total)
    {
        lock (_lock)
        {
            if (_begun.Count == 0 || _begun[^1].Kind != doing) _begun.Add((doing, _clock.Elapsed));
            if (Halfway is not var (kind, act) || kind != doing || done < total / 2) return;
            Halfway = null;
            act();
        }
    }
}
