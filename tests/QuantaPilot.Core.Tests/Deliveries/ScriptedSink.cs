using QuantaPilot.Core.Contracts;
using QuantaPilot.Core.Ports;

namespace QuantaPilot.Core.Tests.Deliveries;

/// <summary>A sink that answers what a test says, and remembers what it was sent.</summary>
internal sealed class ScriptedSink(string name, params string[] types) : IEventSink, IEventSinkSource
{
    public string Name => name;

    /// <summary>The sequence numbers of each attempt.</summary>
    public List<string> Attempts { get; } = [];

    /// <summary>What it was last sent.</summary>
    public IReadOnlyList<OutgoingEvent> LastSent { get; private set; } = [];

    /// <summary>What it answers to an event; by default that it has it.</summary>
    public Func<long, SinkAnswer> Answer { get; set; } = _ => SinkAnswer.Delivered(200);

    /// <summary>Awaited before it answers.</summary>
    public Func<CancellationToken, Task> Before { get; set; } = _ => Task.CompletedTask;

    public bool Takes(CloudEvent e) => types.Length == 0 || types.Contains(e.Type);

    public async Task<IReadOnlyList<SinkAnswer>> SendAsync(IReadOnlyList<OutgoingEvent> events, CancellationToken cancellationToken)
    {
        LastSent = events;
        Attempts.Add(string.Join(',', events.Select(e => e.Sequence)));
        await Before(cancellationToken);
        return [.. events.Select(e => Answer(e.Sequence))];
    }

    public ValueTask<IReadOnlyList<IEventSink>> ListAsync(CancellationToken cancellationToken) => new([this]);
}
