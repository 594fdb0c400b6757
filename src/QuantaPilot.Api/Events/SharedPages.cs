using QuantaPilot.Core.Ports;

namespace QuantaPilot.Api.Events;

/// <summary>
/// Pages of the log of all runs. Streams at the same place, as most are, share a read and what it takes of memory: whoever asks
/// before it has begun gets what it gives, which is as new as a read of their own would be.
/// </summary>
internal sealed class SharedPages(IRunStore store)
{
    /// <summary>How many events a page has at most.</summary>
    public const int Size = 100;

    private readonly Lock _gate = new();
    private readonly Dictionary<long, Task<IReadOnlyList<LoggedEvent>>> _notBegun = [];

    /// <summary>At most <see cref="Size"/> events after a position.</summary>
    public Task<IReadOnlyList<LoggedEvent>> ReadAsync(long after)
    {
        lock (_gate)
        {
            if (!_notBegun.TryGetValue(after, out var page)) _notBegun.Add(after, page = BeginAsync(after));
            return page;
        }
    }

    private async Task<IReadOnlyList<LoggedEvent>> BeginAsync(long after)
    {
        // Behind the others that the same change has woken.
        await Task.Yield();
        lock (_gate) _notBegun.Remove(after);
        return await store.ReadAllEventsAsync(after, Size, CancellationToken.None);
    }
}
