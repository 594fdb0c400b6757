using QuantaPilot.Core.Ports;

namespace QuantaPilot.Core.Deliveries;

/// <summary>All sinks of the host, of whatever kind.</summary>
public sealed class EventSinks(IEnumerable<IEventSinkSource> sources)
{
    private readonly IEventSinkSource[] _sources = [.. sources];

    /// <summary>True if the host can have no sinks at all, so that nothing need be asked.</summary>
    public bool IsEmpty => _sources.Length == 0;

    public async ValueTask<IReadOnlyList<IEventSink>> ListAsync(CancellationToken cancellationToken)
    {
        if (_sources is [var only]) return await only.ListAsync(cancellationToken);
        var sinks = new List<IEventSink>();
        foreach (var source in _sources) sinks.AddRange(await source.ListAsync(cancellationToken));
        return sinks;
    }

    /// <summary>The sink of that name, or null.</summary>
    public async ValueTask<IEventSink?> FindAsync(string name, CancellationToken cancellationToken) =>
        (await ListAsync(cancellationToken)).FirstOrDefault(sink => sink.Name == name);
}
