using System.Threading.Channels;
using QuantaPilot.Core.Ports;
using QuantaPilot.Core.Runs;

namespace QuantaPilot.Integrations.Tests.RunLogs;

/// <summary>A store of logs in memory, which a test can make fail.</summary>
internal sealed class ScriptedLogStore : IRunLogStore
{
    private readonly Lock _lock = new();
    private readonly SortedDictionary<long, RunLogText> _texts = [];
    private readonly Channel<bool> _writes = Channel.CreateUnbounded<bool>();
    private long _last;

    public Exception? Fault { get; set; }

    /// <summary>How often it was asked to append.</summary>
    public int Tries { get; private set; }

    public IReadOnlyList<(long Sequence, RunLogText Text)> Texts
    {
        get
        {
            lock (_lock) return [.. _texts.Select(pair => (pair.Key, pair.Value))];
        }
    }

    public string All => string.Join('\n', Texts.Select(text => text.Text.Text));

    /// <summary>Completes once there has been another try to append.</summary>
    public async Task NextWriteAsync() => await _writes.Reader.ReadAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(30));

    public Task<IReadOnlyList<long>> AppendAsync(RunId runId, IReadOnlyList<RunLogText> texts, CancellationToken cancellationToken)
    {
        try
        {
            if (Fault is not null) throw Fault;
            lock (_lock)
            {
                foreach (var text in texts) _texts.Add(++_last, text);
                return Task.FromResult<IReadOnlyList<long>>([.. Enumerable.Range(0, texts.Count).Select(i => _last - texts.Count + 1 + i)]);
            }
        }
        finally
        {
            Tries++;
            _writes.Writer.TryWrite(true);
        }
    }

    public Task ReplaceAsync(RunId runId, IReadOnlyList<long> sequences, RunLogText note, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            foreach (var sequence in sequences) Assert.True(_texts.Remove(sequence));
            _texts.Add(sequences[^1], note);
        }
        return Task.CompletedTask;
    }

    public Task<IReadOnlyList<RunLogEntry>> ReadAsync(
        RunId runId, long after, string? step, int limit, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task DeleteOfRunAsync(RunId runId, CancellationToken cancellationToken) => throw new NotSupportedException();
}
