using Microsoft.Extensions.Logging;
using QuantaPilot.Core.Ports;
using QuantaPilot.Core.Runs;

namespace QuantaPilot.Integrations.RunLogs;

/// <summary>
/// The log of one execution of a step. Lines gather for a second, then go to the store together, so that a talkative program costs
/// one write a second. The last <see cref="Capacity"/> bytes are kept: older entries make room for a note. Where the store fails,
/// lines wait for the next second, within the same bound.
/// </summary>
internal sealed class RunLogWriter : IRunLog
{
    /// <summary>Of one execution of a step, in UTF-8 bytes.</summary>
    public const int Capacity = 256 * 1024;

    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private readonly IRunLogStore _store;
    private readonly RunId _runId;
    private readonly RunLogText _head;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _closing = new();

    // What writers and the worker share, under the lock.
    private readonly Lock _lock = new();
    private readonly PrivateKeyFilter _keys = new();
    private BoundedLines _written = new(Capacity);
    private Task? _work;
    private bool _disposed;

    // The worker's own.
    private readonly BoundedLines _unsaved = new(Capacity);
    private readonly Queue<(long Sequence, int Bytes)> _stored = [];
    private long _storedBytes;
    private long _cut;
    private long? _note;
    private bool _failing;

    public RunLogWriter(IRunLogStore store, RunId runId, string step, int round, string source, TimeProvider time, ILogger logger)
    {
        _store = store;
        _runId = runId;
        _head = new RunLogText(default, step, round, source, "");
        _time = time;
        _logger = logger;
    }

    public void Write(string text)
    {
        lock (_lock)
        {
            if (_disposed) return;
            foreach (var line in text.TrimEnd('\n').Split('\n'))
            {
                var read = line.Length <= LogLine.MaxRead ? line : line[..LogLine.MaxRead];
                if (_keys.Pass(LogLine.Clean(read)) is { } shown) _written.Add(shown);
            }
            _work ??= WorkAsync();
        }
    }

    public async ValueTask DisposeAsync()
    {
        Task? work;
        lock (_lock)
        {
            if (_disposed) return;
            _disposed = true;
            work = _work;
        }
        await _closing.CancelAsync();
        if (work is not null)
        {
            await work;
            await TryStoreAsync();
            if (_unsaved.Count > 0) Logs.Lost(_logger, _runId, _head.Step, _unsaved.Bytes);
        }
        _closing.Dispose();
    }

    private async Task WorkAsync()
    {
        while (true)
        {
            await Task.Delay(Interval, _time, _closing.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            // What is left is for the one who closes it.
            if (_closing.IsCancellationRequested) return;
            await TryStoreAsync();
        }
    }

    private async Task TryStoreAsync()
    {
        lock (_lock)
        {
            _unsaved.Add(_written);
            _written = new BoundedLines(Capacity);
        }
        if (_unsaved.Count == 0) return;
        try
        {
            await StoreAsync();
            _failing = false;
        }
#pragma warning disable CA1031 // Whatever ails the store, the work that is logged goes on.
        catch (Exception e)
#pragma warning restore CA1031
        {
            if (!_failing) Logs.NotStored(_logger, e, _runId, _head.Step);
            _failing = true;
        }
    }

    private async Task StoreAsync()
    {
        var entries = LogEntries.Of(_unsaved.Lines);
        var cut = _cut + _unsaved.Cut;
        // Lines that were never stored are missing above these, and no entry is there that could make room for a note.
        var notes = _unsaved.Cut > 0 && _stored.Count == 0 && _note is null ? 1 : 0;
        RunLogText[] texts = [.. Enumerable.Repeat(Note(cut), notes), .. entries.Select(Text)];
        var sequences = await _store.AppendAsync(_runId, texts, CancellationToken.None);
        _cut = cut;
        _unsaved.Clear();
        if (notes == 1) _note = sequences[0];
        foreach (var (entry, sequence) in entries.Zip(sequences.Skip(notes)))
        {
            _stored.Enqueue((sequence, BoundedLines.SizeOf(entry)));
            _storedBytes += BoundedLines.SizeOf(entry);
        }
        await MakeRoomAsync();
    }

    private async Task MakeRoomAsync()
    {
        var (count, bytes) = (0, 0L);
        foreach (var entry in _stored)
        {
            if (_storedBytes - bytes <= Capacity) break;
            count++;
            bytes += entry.Bytes;
        }
        if (count == 0) return;
        List<long> gone = [.. _stored.Take(count).Select(entry => entry.Sequence)];
        if (_note is { } before) gone.Insert(0, before);
        await _store.ReplaceAsync(_runId, gone, Note(_cut + bytes), CancellationToken.None);
        for (var i = 0; i < count; i++) _stored.Dequeue();
        (_note, _cut, _storedBytes) = (gone[^1], _cut + bytes, _storedBytes - bytes);
    }

    private RunLogText Text(string text) => _head with { At = _time.GetUtcNow(), Text = text };

    private RunLogText Note(long cut) => Text($"… {cut} bytes before this are left out");
}
