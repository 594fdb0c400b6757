namespace QuantaPilot.Engine.Worker;

/// <summary>
/// The instances in memory and the order of their turns: one turn at a time per instance, and of the idle ones the least
/// recently used goes first.
/// </summary>
internal sealed class LiveInstances(int maxIdle, WorkQueue<LiveInstance> turns)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<long, LiveInstance> _byKey = [];
    private readonly LinkedList<LiveInstance> _idle = new();

    /// <summary>Has the instance look at the store in its next turn, which comes soon.</summary>
    /// <param name="key">The instance.</param>
    /// <param name="reload">True if what is in memory may be stale.</param>
    /// <param name="background">True to let turns that somebody waits for go first.</param>
    /// <returns>The instance.</returns>
    public LiveInstance Wake(long key, bool reload = false, bool background = false)
    {
        lock (_gate)
        {
            if (!_byKey.TryGetValue(key, out var instance)) _byKey.Add(key, instance = new LiveInstance(key));
            instance.MustLookAtStore = true;
            instance.MustReload |= reload;
            Schedule(instance, background);
            return instance;
        }
    }

    /// <summary>Takes in an instance that was just created, and has its first turn run without a reload.</summary>
    public void Adopt(long key, LoadedExecution loaded)
    {
        lock (_gate)
        {
            // Somebody was faster and woke it by its key: it is loaded then, and its first turn is on its way.
            if (_byKey.ContainsKey(key)) return;
            var instance = new LiveInstance(key) { Loaded = loaded };
            _byKey.Add(key, instance);
            Schedule(instance);
        }
    }

    /// <summary>Hands over the result of an activity.</summary>
    public void Answer(LiveInstance instance, ActivityAnswer answer)
    {
        lock (_gate)
        {
            instance.Answers.Add(answer);
            if (_byKey.TryGetValue(instance.Key, out var current) && current == instance) Schedule(instance);
        }
    }

    /// <summary>Takes what has come for the instance, at the start of its turn.</summary>
    public (bool LookAtStore, bool Reload, List<ActivityAnswer> Answers) Take(LiveInstance instance)
    {
        lock (_gate)
        {
            var taken = (instance.MustLookAtStore, instance.MustReload, instance.Answers);
            instance.MustLookAtStore = instance.MustReload = false;
            if (instance.Answers.Count > 0) instance.Answers = [];
            return taken;
        }
    }

    /// <summary>Puts back what a turn took and could not commit, and drops what it left in memory. The instance stays scheduled.</summary>
    public void PutBack(LiveInstance instance, List<ActivityAnswer> answers)
    {
        lock (_gate)
        {
            instance.Loaded = null;
            instance.Answers = [.. answers, .. instance.Answers];
        }
    }

    /// <summary>Queues a scheduled instance once more.</summary>
    public void Requeue(LiveInstance instance) => turns.Add(instance);

    /// <summary>Ends the instance's turn: the next one is queued if something has come meanwhile, else the instance is idle.</summary>
    /// <param name="instance">The instance.</param>
    /// <param name="keepAnswers">True if the answers in hand can't be used for now, so that they don't bring about a turn.</param>
    public void Release(LiveInstance instance, bool keepAnswers = false)
    {
        lock (_gate)
        {
            if (instance.MustLookAtStore || (instance.Answers.Count > 0 && !keepAnswers))
            {
                turns.Add(instance);
                return;
            }
            instance.IsScheduled = false;
            if (instance.Loaded is null)
            {
                Forget(instance);
                return;
            }
            instance.IdleNode = _idle.AddLast(instance);
            if (_idle.Count <= maxIdle) return;
            var oldest = _idle.First!.Value;
            _idle.RemoveFirst();
            oldest.IdleNode = null;
            oldest.Loaded = null;
            Forget(oldest);
        }
    }

    /// <summary>Removes an instance that has ended.</summary>
    public void Retire(LiveInstance instance)
    {
        lock (_gate) _byKey.Remove(instance.Key);
    }

    private void Schedule(LiveInstance instance, bool background = false)
    {
        if (instance.IsScheduled) return;
        instance.IsScheduled = true;
        if (instance.IdleNode is { } node)
        {
            _idle.Remove(node);
            instance.IdleNode = null;
        }
        turns.Add(instance, background);
    }

    private void Forget(LiveInstance instance)
    {
        // While activities run, this remembers which ones, so that a reload does not start them again.
        if (instance.Dispatched.Count == 0) _byKey.Remove(instance.Key);
    }
}
