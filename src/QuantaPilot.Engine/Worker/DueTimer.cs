using Microsoft.Extensions.Logging;
using QuantaPilot.Engine.Storage;

namespace QuantaPilot.Engine.Worker;

/// <summary>Wakes the instances whose timers are due. Holds one time, the earliest in the store, and one timer armed for it.</summary>
internal sealed class DueTimer : IAsyncDisposable
{
    /// <summary>So that a timer is at most this late after the clock was set or the machine slept.</summary>
    private static readonly TimeSpan LongestWait = TimeSpan.FromMinutes(1);

    private static readonly TimeSpan AfterFault = TimeSpan.FromSeconds(5);

    private readonly ITaskHub _hub;
    private readonly LiveInstances _instances;
    private readonly TimeProvider _clock;
    private readonly ILogger _logger;
    private readonly Lock _gate = new();
    private readonly ITimer _timer;
    private DateTimeOffset _due = DateTimeOffset.MaxValue;

    public DueTimer(ITaskHub hub, LiveInstances instances, TimeProvider clock, ILogger logger)
    {
        _hub = hub;
        _instances = instances;
        _clock = clock;
        _logger = logger;
        _timer = clock.CreateTimer(_ => Fire(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Makes sure that it fires at that time at the latest.</summary>
    public void Arm(DateTimeOffset due)
    {
        lock (_gate)
        {
            if (due >= _due) return;
            _due = due;
            var wait = due - _clock.GetUtcNow();
            if (wait > LongestWait) wait = LongestWait;
            // Timers count whole milliseconds: rounded down, it would fire early and find nothing.
            var milliseconds = Math.Max(0, Math.Ceiling(wait.TotalMilliseconds));
            _timer.Change(TimeSpan.FromMilliseconds(milliseconds), Timeout.InfiniteTimeSpan);
        }
    }

    /// <summary>Wakes what is due and arms itself for what comes next.</summary>
    public void Fire()
    {
        // First, so that a commit from here on arms it anew, whether or not the query below still sees it.
        lock (_gate) _due = DateTimeOffset.MaxValue;
        var now = _clock.GetUtcNow();
        try
        {
            var (due, next) = _hub.FindDue(now);
            foreach (var key in due) _instances.Wake(key, background: true);
            if (next is { } time) Arm(time);
        }
#pragma warning disable CA1031 // On a timer's thread nobody else would hear of it.
        catch (Exception e)
#pragma warning restore CA1031
        {
            Logs.TimersFailed(_logger, e);
            Arm(now + AfterFault);
        }
    }

    public ValueTask DisposeAsync() => _timer.DisposeAsync();
}
