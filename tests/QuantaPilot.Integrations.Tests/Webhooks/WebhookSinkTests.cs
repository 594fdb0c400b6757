using System.Text;
using Microsoft.Extensions.Time.Testing;
using QuantaPilot.Core.Contracts;
using QuantaPilot.Core.Deliveries;
using QuantaPilot.Core.Ports;
using QuantaPilot.Core.Runs;
using QuantaPilot.Core.Subscriptions;
using QuantaPilot.Integrations.Webhooks;

namespace QuantaPilot.Integrations.Tests.Webhooks;

public sealed class WebhookSinkTests
{
    private static readonly SinkAnswer _delivered = SinkAnswer.Delivered(200);
    private static readonly SinkAnswer _broken = SinkAnswer.FailedTransiently(DeliveryCodes.Unavailable, 500);
    private static readonly RunId _run = RunId.Parse("0123456789abcdef0123456789abcdef");

    private readonly FakeTimeProvider _time = new(Scenario.Start);
    private readonly InMemorySubscriptionStore _store = new();
    private readonly ScriptedSender _sender = new();

    [Theory]
    [InlineData("", "*", null, true)]
    [InlineData("run_started", "https://example.com/org/*", null, true)]
    [InlineData("gate_requested,run_started", "*", "0123456789abcdef0123456789abcdef", true)]
    [InlineData("gate_requested", "*", null, false)]
    [InlineData("", "https://example.com/other/*", null, false)]
    [InlineData("", "*", "ffffffffffffffffffffffffffffffff", false)]
    public async Task Takes_Filter_MatchesAllThatItNames(string events, string project, string? run, bool takes)
    {
        var filter = new SubscriptionFilter(
            events.Split(',', StringSplitOptions.RemoveEmptyEntries), [project], run is null ? null : RunId.Parse(run));
        var sink = await SinkAsync(SubscriptionScenario.Of() with { Filter = filter });

        Assert.Equal(takes, sink.Takes(CloudEvent.From(Scenario.Run(id: _run), Scenario.Started())!));
    }

    [Fact]
    public async Task Send_Events_GoInOrderUnderTheirOwnIds()
    {
        var sink = await SinkAsync(SubscriptionScenario.Of());

        Assert.Equal([_delivered, _delivered, _delivered], await sink.SendAsync(Events(1, 2, 3), default));

        Assert.Equal(["run:1", "run:2", "run:3"], _sender.Sent);
    }

    [Fact]
    public async Task Send_EventThatTheReceiverChokesOn_KeepsNoOtherBack()
    {
        _sender.Answer = id => id == "run:1" ? _broken : _delivered;
        var sink = await SinkAsync(SubscriptionScenario.Of());

        Assert.Equal([_broken, _delivered, _delivered], await sink.SendAsync(Events(1, 2, 3), default));
    }

    [Fact]
    public async Task Send_SlowReceiver_GetsTheRestSideBySide()
    {
        var release = new TaskCompletionSource();
        _sender.Before = id =>
        {
            if (id == "run:1") _time.Advance(WebhookSink.InOrderLimit);
            return id == "run:1" ? Task.CompletedTask : release.Task;
        };
        var sink = await SinkAsync(SubscriptionScenario.Of());

        var sending = sink.SendAsync(Events(1, 2, 3), default);
        Assert.Equal(["run:1", "run:2", "run:3"], _sender.Sent);
        release.SetResult();

        Assert.Equal([_delivered, _delivered, _delivered], await sending);
    }

    [Fact]
    public void Limits_OfABatch_StayWithinThatOfAnAttempt() =>
        Assert.True(WebhookSink.InOrderLimit + 2 * WebhookSender.TimeLimit < new DeliveryOptions().AttemptLimit);

    [Fact]
    public async Task Send_ReceiverIsGone_DisablesTheSubscription()
    {
        _sender.Answer = _ => SinkAnswer.Refused(DeliveryCodes.Gone, 410);
        var sink = await SinkAsync(SubscriptionScenario.Of());

        await sink.SendAsync(Events(1), default);

        var disabled = (await _store.FindAsync(sink.Name, default))!;
        Assert.Equal((Scenario.Start, false), (disabled.DisabledAt, disabled.IsEnabled));
        Assert.Contains("410", disabled.DisabledReason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Send_Disabled_SendsNothingAndKeepsTheEvents()
    {
        var sink = await SinkAsync(SubscriptionScenario.Of().Disabled("enough", Scenario.Start));

        Assert.Equal(SinkAnswer.FailedTransiently(DeliveryCodes.Disabled), Assert.Single(await sink.SendAsync(Events(1), default)));

        Assert.Empty(_sender.Sent);
        Assert.False(sink.Takes(CloudEvent.From(Scenario.Run(), Scenario.Started())!));
    }

    [Fact]
    public async Task List_Unchanged_AnswersTheSameSinksAndAfterAChangeOthers()
    {
        var sinks = new WebhookSinks(_store, _sender, _time, CheckedLogger.For<WebhookSinks>());
        await _store.CreateAsync(SubscriptionScenario.Of(), default);

        var first = await sinks.ListAsync(default);
        Assert.Same(first, await sinks.ListAsync(default));
        await _store.CreateAsync(SubscriptionScenario.Of(), default);

        Assert.Equal(2, (await sinks.ListAsync(default)).Count);
    }

    private async Task<IEventSink> SinkAsync(Subscription subscription)
    {
        await _store.CreateAsync(subscription, default);
        var sinks = new WebhookSinks(_store, _sender, _time, CheckedLogger.For<WebhookSinks>());
        var sink = Assert.Single(await sinks.ListAsync(default));
        Assert.Equal(subscription.Id, sink.Name);
        return sink;
    }

    private static List<OutgoingEvent> Events(params long[] sequences) =>
        [.. sequences.Select(sequence => new OutgoingEvent(sequence, Encoding.UTF8.GetBytes($$"""{"id":"run:{{sequence}}"}""")))];

    /// <summary>Answers what a test says, and remembers the ids that it was given.</summary>
    private sealed class ScriptedSender : IWebhookSender
    {
        public List<string> Sent { get; } = [];

        public Func<string, SinkAnswer> Answer { get; set; } = _ => _delivered;

        public Func<string, Task> Before { get; set; } = _ => Task.CompletedTask;

        public async Task<WebhookAnswer> SendAsync(
            Subscription subscription, Webhook webhook, int bodyLimit, CancellationToken cancellationToken)
        {
            Sent.Add(webhook.Id);
            await Before(webhook.Id);
            return new WebhookAnswer(Answer(webhook.Id));
        }
    }
}
