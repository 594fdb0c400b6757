using System.Diagnostics.CodeAnalysis;
using QuantaPilot.Core.Runs;

namespace QuantaPilot.Integrations.Stores;

/// <summary>
/// What was last known of runs; the least recently used go first. Only committed states are put in and a newer one is never
/// replaced by an older, so an entry can be late or missing but never wrong: whoever uses one checks its version.
/// </summary>
/// <param name="capacity">At most so many runs.</param>
/// <param name="versionOf">Counts the writes to a run.</param>
internal sealed class RunCache<T>(int capacity, Func<T, long> versionOf)
    where T : class
{
    private readonly Lock _lock = new();
    private readonly Dictionary<RunId, LinkedListNode<(RunId Id, T Value)>> _entries = [];
    private readonly LinkedList<(RunId Id, T Value)> _byUse = [];

    public bool TryFind(RunId id, [NotNullWhen(true)] out T? value)
    {
        lock (_lock)
        {
            value = null;
            if (!_entries.TryGetValue(id, out var node)) return false;
            if (node != _byUse.First)
            {
                _byUse.Remove(node);
                _byUse.AddFirst(node);
            }
            value = node.Value.Value;
            return true;
        }
    }

    public void Put(RunId id, T value)
    {
        lock (_lock)
        {
            if (_entries.TryGetValue(id, out var node))
            {
                if (versionOf(node.Value.Value) < versionOf(value)) node.Value = (id, value);
                return;
            }
            _entries.Add(id, _byUse.AddFirst((id, value)));
            if (_entries.Count <= capacity) return;
            _entries.Remove(_byUse.Last!.Value.Id);
            _byUse.RemoveLast();
        }
    }

    public void Remove(RunId id)
    {
        lock (_lock)
        {
            if (_entries.Remove(id, out var node)) _byUse.Remove(node);
        }
    }
}
