using QuantaPilot.Core.Runs;

namespace QuantaPilot.Host.Sqlite;

/// <summary>
/// Spares decoding a document that was decoded before. An entry is only used if its version is the one that the file
/// has, and only committed versions are put in, so it can be late or empty but never wrong.
/// </summary>
internal sealed class SnapshotCache(int capacity)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<RunId, LinkedListNode<Entry>> _entries = [];
    private readonly LinkedList<Entry> _byUse = [];

    public RunSnapshot? Find(RunId id, long version)
    {
        lock (_lock)
        {
            if (!_entries.TryGetValue(id, out var node)) return null;
            if (node != _byUse.First)
            {
                _byUse.Remove(node);
                _byUse.AddFirst(node);
            }
            return node.Value.Version == version ? node.Value.Run : null;
        }
    }

    public void Put(RunSnapshot run, long version)
    {
        lock (_lock)
        {
            if (_entries.TryGetValue(run.RunId, out var node))
            {
                if (node.Value.Version < version) node.Value = new Entry(run, version);
                return;
            }
            _entries.Add(run.RunId, _byUse.AddFirst(new Entry(run, version)));
            if (_entries.Count <= capacity) return;
            _entries.Remove(_byUse.Last!.Value.Run.RunId);
            _byUse.RemoveLast();
        }
    }

    private readonly record struct Entry(RunSnapshot Run, long Version);
}
