using System.Threading.Channels;
using QuantaPilot.Core.Contracts;
using QuantaPilot.Core.Ports;

namespace QuantaPilot.Api.Tests.Support;

/// <summary>A sink that answers what a test says, and tells the test of each attempt.</summary>
internal sealed class AttentiveSink(string name) : IEventSink, IEventSinkSource
{
    private readonly Channel<string> _attempts = Channel.CreateUnbounded<string>();

    public string Name => name;

    public Func<SinkAnswer> Answer { get; set; } = () => SinkAnswer.Delivered(200);

    public bool Takes(CloudEvent e) => true;

    public Task<IReadOnlyList<SinkAnswer>> SendAsync(IReadOnlyList<OutgoingEvent> events, CancellationToken cancellationToken)
    {
        IReadOnlyList<SinkAnswer> answers = [.. events.Select(_ => Answer())];
        _attempts.Writer.TryWrite(string.Join(',', events.Select(e => e.Sequence)));
        return Task.FromResult(answers);
    }

    /// <summary>The sequence numbers of the next attempt.</summary>
    public async Task<string> AttemptAsync() => await _attempts.Reader.ReadAsync();

    public ValueTask<IReadOnlyList<IEventSink>> ListAsync(CancellationToken cancellationToken) => new([this]);
}
