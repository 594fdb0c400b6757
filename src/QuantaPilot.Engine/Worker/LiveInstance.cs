using QuantaPilot.Engine.Execution;
using QuantaPilot.Engine.Storage;

namespace QuantaPilot.Engine.Worker;

/// <summary>
/// An instance that has something to do, or that is kept in memory because it may soon have. The members up to the
/// cancellation are guarded by <see cref="LiveInstances"/>; the rest belongs to the turn in progress.
/// </summary>
internal sealed class LiveInstance(long key)
{
    public long Key { get; } = key;

    /// <summary>Queued for a turn, in one, or waiting for the turn's commit.</summary>
    public bool IsScheduled { get; set; }

    /// <summary>Something may have come that is in the store only: inbox, due timer, end from outside.</summary>
    public bool MustLookAtStore { get; set; }

    /// <summary>What is in memory may no longer be what is stored.</summary>
    public bool MustReload { get; set; }

    /// <summary>Results of activities that no committed turn has taken yet.</summary>
    public List<ActivityAnswer> Answers { get; set; } = [];

    /// <summary>The place among the idle; null while scheduled or without an executor.</summary>
    public LinkedListNode<LiveInstance>? IdleNode { get; set; }

    /// <summary>Cancelled when the instance is ended from outside or the engine stops.</summary>
    public CancellationTokenSource Cancellation { get; } = new();

    /// <summary>The orchestration in memory; null before it is loaded and after it was evicted.</summary>
    public LoadedExecution? Loaded { get; set; }

    /// <summary>Activities that this process was given to run and whose result no committed turn has taken yet.</summary>
    public HashSet<(int Execution, int Id)> Dispatched { get; } = [];

    /// <summary>How often in a row its turn could not be committed.</summary>
    public int Faults { get; set; }
}

/// <summary>The answer of an activity to one execution of the instance.</summary>
internal readonly record struct ActivityAnswer(int Execution, AnswerEvent Event);

/// <summary>One execution in memory.</summary>
internal sealed class LoadedExecution(string instanceId, int execution, ParentLink? parent, OrchestrationExecutor executor, long lease)
{
    public string InstanceId { get; } = instanceId;

    public int Execution { get; } = execution;

    public ParentLink? Parent { get; } = parent;

    public OrchestrationExecutor Executor { get; } = executor;

    /// <summary>What the next commit must show.</summary>
    public long Lease { get; set; } = lease;

    /// <summary>Committed turns.</summary>
    public int Turns { get; set; }

    /// <summary>The failure text under which it is stored as stuck; null if it is not.</summary>
    public string? StuckAs { get; set; }
}
