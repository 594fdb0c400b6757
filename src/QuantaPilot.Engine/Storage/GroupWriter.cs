using System.Collections.Concurrent;

namespace QuantaPilot.Engine.Storage;

/// <summary>The writer thread: takes all that waits, runs it in one transaction, and answers after the commit.</summary>
internal sealed class GroupWriter : IDisposable
{
    private readonly BlockingCollection<Operation> _queue = [];
    private readonly SqliteSession _session;
    private readonly int _maxGroup;
    private readonly Thread _thread;

    public GroupWriter(SqliteSession session, int maxGroup)
    {
        _session = session;
        _maxGroup = maxGroup;
        _thread = new Thread(Run) { IsBackground = true, Name = "sqlite-writer" };
        _thread.Start();
    }

    public Task<T> Enqueue<T>(Func<SqliteSession, T> body)
    {
        var operation = new Operation<T>(body);
        _queue.Add(operation);
        return operation.Task;
    }

    public void Dispose()
    {
        _queue.CompleteAdding();
        _thread.Join();
        _session.Dispose();
        _queue.Dispose();
    }

    private void Run()
    {
        var group = new List<Operation>(_maxGroup);
        foreach (var first in _queue.GetConsumingEnumerable())
        {
            group.Add(first);
            while (group.Count < _maxGroup && _queue.TryTake(out var next)) group.Add(next);
            if (TryCommit(group) is { } fault)
            {
                if (group.Count == 1) group[0].Fail(fault);
                else foreach (var operation in group) CommitAlone(operation);
            }
            group.Clear();
        }
    }

    private void CommitAlone(Operation operation)
    {
        if (TryCommit([operation]) is { } fault) operation.Fail(fault);
    }

    private Exception? TryCommit(List<Operation> group)
    {
        try
        {
            _session.Execute("BEGIN IMMEDIATE");
            foreach (var operation in group) operation.Execute(_session);
            _session.Execute("COMMIT");
        }
#pragma warning disable CA1031 // Whatever it is, it belongs to the callers that wait for this group.
        catch (Exception e)
#pragma warning restore CA1031
        {
            // SQLite rolls back by itself on some faults (disk full); a second rollback would then be an error.
            if (SQLitePCL.raw.sqlite3_get_autocommit(_session.Connection.Handle) == 0) _session.Execute("ROLLBACK");
            return e;
        }
        foreach (var operation in group) operation.Succeed();
        return null;
    }

    private abstract class Operation
    {
        public abstract void Execute(SqliteSession session);

        public abstract void Succeed();

        public abstract void Fail(Exception fault);
    }

    private sealed class Operation<T>(Func<SqliteSession, T> body) : Operation
    {
        private readonly TaskCompletionSource<T> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private T? _result;

        public Task<T> Task => _done.Task;

        public override void Execute(SqliteSession session) => _result = body(session);

        public override void Succeed() => _done.SetResult(_result!);

        public override void Fail(Exception fault) => _done.SetException(fault);
    }
}
