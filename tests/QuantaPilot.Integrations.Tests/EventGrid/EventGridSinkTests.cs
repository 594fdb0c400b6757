using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Azure.Core;
using Azure.Core.Pipeline;
using Azure.Identity;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using QuantaPilot.Core.Contracts;
using QuantaPilot.Core.Deliveries;
using QuantaPilot.Core.Ports;
using QuantaPilot.Core.Runs;
using QuantaPilot.Integrations.EventGrid;

namespace QuantaPilot.Integrations.Tests.EventGrid;

public sealed class EventGridSinkTests : IAsyncLifetime
{
    private static readonly DateTimeOffset Now = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly RunSnapshot Run = new()
    {
        RunId = RunId.Parse("019b0000aaaa7000800080000000c0de"),
        RepoUrl = "https://example.com/org/project.git",
        Project = "https://example.com/org/project",
        Branch = "main",
        CorrelationId = "0b5d6c1e-6d55-4a2b-8a44-0d1f0e3c9a10",
        RequestedBy = "alice",
        RequestDigest = "",
        CreatedAt = Now,
    };

    private readonly FakeTimeProvider _time = new(Now);
    private readonly LogLines _log = new();
    private EventGridServer _server = null!;

    public async Task InitializeAsync() => _server = await EventGridServer.StartAsync();

    public Task DisposeAsync() => _server.DisposeAsync().AsTask();

    [Fact]
    public async Task Send_Events_ArriveAsTheCloudEventsOfTheLog()
    {
        var events = new[] { Event(1, new RunStarted()), Event(2, new RunFailed("branch_not_found", "There is no “branch”.")) };

        var answers = await Sink().SendAsync(events, default);

        Assert.Null(_server.Fault);
        Assert.All(answers, answer => Assert.Equal(SinkAnswer.Delivered(200), answer));
        Assert.Equal(1, _server.Requests);
        Assert.Equal(events.Select(Text), _server.Events.Select(e => e.GetRawText()));
        var started = _server.Events[0];
        Assert.Equal(
            [
                "specversion", "id", "type", "source", "subject", "time", "datacontenttype", "dataschema",
                "correlationid", "sequence", "project", "data",
            ],
            started.EnumerateObject().Select(member => member.Name));
    }

    [Fact]
    public async Task Send_Events_AreReadByAzuresOwnParser()
    {
        await Sink().SendAsync([Event(7, new GateRequested(Gate.Anchor, 1, "Review it.", Now, 1, true, null!))], default);

        var e = Assert.Single(Azure.Messaging.CloudEvent.ParseMany(new BinaryData(_server.LastBody)));

        Assert.Equal($"{Run.RunId}:7", e.Id);
        Assert.Equal("quantapilot.gate_requested", e.Type);
        Assert.Equal("/quantapilot/runs", e.Source);
        Assert.Equal(Run.RunId.ToString(), e.Subject);
        Assert.Equal(Now, e.Time);
        Assert.Equal("https://quantapilot.dev/schemas/api.schema.json#/$defs/gate_requested", e.DataSchema);
        Assert.Equal("application/json", e.DataContentType);
        Assert.Equal(7, e.ExtensionAttributes["sequence"]);
        Assert.Equal(Run.CorrelationId, e.ExtensionAttributes["correlationid"]);
        Assert.Equal(Run.Project, e.ExtensionAttributes["project"]);
        Assert.Equal("""{"run_id":"019b0000aaaa7000800080000000c0de","gate":"anchor","description":"Review it."}""", e.Data!.ToString());
    }

    [Fact]
    public async Task Send_WithAnIdentity_BringsItsTokenOverTls()
    {
        await using var server = await EventGridServer.StartAsync(tls: true);
        using var handler = new HttpClientHandler
        {
            ServerCertificateCustomValidationCallback = (_, certificate, _, _) => certificate!.Thumbprint == server.Certificate!.Thumbprint,
        };
        using var transport = new HttpClientTransport(handler);
        var credential = new FixedCredential(EventGridServer.Token);
        var topic = new EventGridTopic { Name = "lifecycle", Endpoint = server.Endpoint };
        var sink = new EventGridSink(topic, EventGridClients.Create(topic, credential, transport), _time, _log);

        var answers = await sink.SendAsync([Event(1)], default);

        Assert.Equal(SinkAnswer.Delivered(200), Assert.Single(answers));
        Assert.Equal(["https://eventgrid.azure.net/.default"], credential.Scopes);
        Assert.Single(server.Events);
    }

    [Fact]
    public async Task Send_NoTokenCanBeHad_FailsInPassingAndSaysSoOnce()
    {
        var topic = new EventGridTopic { Name = "lifecycle", Endpoint = new Uri("https://127.0.0.1:9/api/events") };
        var sink = new EventGridSink(topic, EventGridClients.Create(topic, new FixedCredential(null), null), _time, _log);

        for (var i = 0; i < 3; i++)
            Assert.Equal(
                SinkAnswer.FailedTransiently(DeliveryCodes.Unauthorized), Assert.Single(await sink.SendAsync([Event(1)], default)));

        Assert.Equal([4100], _log.Ids);
    }

    [Fact]
    public async Task Send_WrongKey_FailsInPassingAndSaysSoOnceWithoutTheKey()
    {
        var sink = Sink(key: "wrong-key-of-this-topic");

        for (var i = 0; i < 3; i++)
            Assert.Equal(
                SinkAnswer.FailedTransiently(DeliveryCodes.Unauthorized, 401), Assert.Single(await sink.SendAsync([Event(1)], default)));

        Assert.Equal(3, _server.Requests);
        Assert.Equal([4100], _log.Ids);
        Assert.DoesNotContain("wrong-key-of-this-topic", _log.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(400, SinkVerdict.Refused, DeliveryCodes.Rejected)]
    [InlineData(403, SinkVerdict.FailedTransiently, DeliveryCodes.Unauthorized)]
    [InlineData(404, SinkVerdict.FailedTransiently, DeliveryCodes.NotFound)]
    [InlineData(405, SinkVerdict.Refused, DeliveryCodes.Rejected)]
    [InlineData(408, SinkVerdict.FailedTransiently, DeliveryCodes.TimedOut)]
    [InlineData(410, SinkVerdict.FailedTransiently, DeliveryCodes.NotFound)]
    [InlineData(413, SinkVerdict.Refused, DeliveryCodes.TooLarge)]
    [InlineData(429, SinkVerdict.FailedTransiently, DeliveryCodes.Throttled)]
    [InlineData(500, SinkVerdict.FailedTransiently, DeliveryCodes.Unavailable)]
    [InlineData(503, SinkVerdict.FailedTransiently, DeliveryCodes.Unavailable)]
    [InlineData(302, SinkVerdict.FailedTransiently, DeliveryCodes.Unavailable)]
    [InlineData(202, SinkVerdict.Delivered, DeliveryCodes.Delivered)]
    public async Task Send_TopicAnswers_IsJudgedByTheStatusInOneRequest(int status, SinkVerdict verdict, string code)
    {
        _server.Intercept = context => EventGridServer.RefuseAsync(context, status);

        var answer = Assert.Single(await Sink().SendAsync([Event(1)], default));

        Assert.Equal(new SinkAnswer(verdict, code, status), answer);
        Assert.Equal(1, _server.Requests);
    }

    [Theory]
    [InlineData("120", 120)]
    [InlineData("Thu, 01 Jan 2026 12:01:30 GMT", 90)]
    [InlineData("Thu, 01 Jan 2026 11:00:00 GMT", null)]
    [InlineData("soon", null)]
    public async Task Send_Throttled_TellsHowLongToWait(string retryAfter, int? seconds)
    {
        _server.Intercept = context => EventGridServer.RefuseAsync(context, 429, retryAfter);

        var answer = Assert.Single(await Sink().SendAsync([Event(1)], default));

        Assert.Equal(seconds, (int?)answer.RetryAfter?.TotalSeconds);
    }

    [Fact]
    public async Task Send_NobodyListens_FailsInPassing()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var endpoint = new Uri($"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}/api/events");
        listener.Stop();

        var answers = await Sink(endpoint: endpoint).SendAsync([Event(1), Event(2)], default);

        Assert.All(answers, answer => Assert.Equal(SinkAnswer.FailedTransiently(DeliveryCodes.Unreachable), answer));
    }

    [Fact]
    public async Task Send_ConnectionBreaks_FailsInPassing()
    {
        _server.Intercept = context =>
        {
            context.Abort();
            return Task.FromResult(true);
        };

        Assert.Equal(SinkAnswer.FailedTransiently(DeliveryCodes.Unreachable), Assert.Single(await Sink().SendAsync([Event(1)], default)));
    }

    [Fact]
    public async Task Send_TopicIsSlow_EndsWithItsToken()
    {
        using var limit = new CancellationTokenSource();
        var aborted = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _server.Intercept = async context =>
        {
            context.RequestAborted.Register(() => aborted.TrySetResult());
            await limit.CancelAsync();
            await aborted.Task;
            return true;
        };

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Sink().SendAsync([Event(1)], limit.Token));
        await aborted.Task.WaitAsync(TimeSpan.FromSeconds(30));
    }

    [Fact]
    public async Task Send_MoreThanARequestTakes_SplitsIt()
    {
        var events = Enumerable.Range(1, 5).Select(i => Event(i, bytes: 400 * 1024)).ToList();

        var answers = await Sink().SendAsync(events, default);

        Assert.All(answers, answer => Assert.Equal(SinkVerdict.Delivered, answer.Verdict));
        Assert.Equal(3, _server.Requests);
        Assert.Equal([1, 2, 3, 4, 5], _server.Events.Select(e => e.GetProperty("sequence").GetInt32()));
    }

    [Fact]
    public async Task Send_ExactlyWhatARequestTakes_IsOneRequest()
    {
        var first = Event(1, bytes: 512 * 1024);
        var rest = EventGridBatches.MaxBytes - 3 - first.Json.Length;

        var answers = await Sink().SendAsync([first, Event(2, bytes: rest)], default);

        Assert.All(answers, answer => Assert.Equal(SinkVerdict.Delivered, answer.Verdict));
        Assert.Equal(1, _server.Requests);
        Assert.Equal(EventGridBatches.MaxBytes, _server.LastBody.Length);
    }

    [Fact]
    public async Task Send_OneEventIsTooLarge_IsRefusedUnsentAndTheOthersGo()
    {
        var answers = await Sink().SendAsync([Event(1), Event(2, bytes: EventGridBatches.MaxBytes - 1), Event(3)], default);

        Assert.Equal(
            [SinkAnswer.Delivered(200), SinkAnswer.Refused(DeliveryCodes.TooLarge), SinkAnswer.Delivered(200)], answers);
        Assert.Equal([1, 3], _server.Events.Select(e => e.GetProperty("sequence").GetInt32()));
    }

    [Fact]
    public async Task Send_TopicTakesLessThanDocumented_HalvesUntilItFits()
    {
        _server.Intercept = async context =>
        {
            // 100 KB instead of 1 MB.
            if (context.Request.ContentLength <= 100 * 1024) return false;
            return await EventGridServer.RefuseAsync(context, 413);
        };

        var answers = await Sink().SendAsync(
            [Event(1, bytes: 40_000), Event(2, bytes: 40_000), Event(3, bytes: 200_000), Event(4, bytes: 40_000)], default);

        Assert.Equal(
            [SinkAnswer.Delivered(200), SinkAnswer.Delivered(200), SinkAnswer.Refused(DeliveryCodes.TooLarge, 413), SinkAnswer.Delivered(200)],
            answers);
        Assert.Equal([1, 2, 4], _server.Events.Select(e => e.GetProperty("sequence").GetInt32()));
    }

    [Fact]
    public async Task Send_FirstBatchFailsInPassing_SparesTheTopicTheOthers()
    {
        _server.Intercept = context => EventGridServer.RefuseAsync(context, 503, "7");

        var answers = await Sink().SendAsync([.. Enumerable.Range(1, 6).Select(i => Event(i, bytes: 600 * 1024))], default);

        Assert.Equal(1, _server.Requests);
        Assert.All(answers, answer =>
            Assert.Equal(SinkAnswer.FailedTransiently(DeliveryCodes.Unavailable, 503, TimeSpan.FromSeconds(7)), answer));
    }

    [Fact]
    public void Takes_TypesNamed_TakesThoseOnly()
    {
        var sink = Sink(types: ["gate_requested", "run_failed"]);

        Assert.True(sink.Takes(CloudEvent.From(Run, new RunFailed("x", "y") { Sequence = 1 })!));
        Assert.False(sink.Takes(CloudEvent.From(Run, new RunStarted { Sequence = 1 })!));
        Assert.True(Sink().Takes(CloudEvent.From(Run, new RunStarted { Sequence = 1 })!));
    }

    private EventGridSink Sink(string key = EventGridServer.Key, Uri? endpoint = null, params string[] types)
    {
        var topic = new EventGridTopic { Name = "lifecycle", Endpoint = endpoint ?? _server.Endpoint, Key = key, EventTypes = types };
        return new EventGridSink(topic, EventGridClients.Create(topic, null, null), _time, _log);
    }

    private static OutgoingEvent Event(long sequence, RunEvent? e = null, int? bytes = null)
    {
        var json = Write("");
        return new OutgoingEvent(sequence, bytes is { } size ? Write(new string('x', size - json.Length)) : json);

        byte[] Write(string message)
        {
            var recorded = (e ?? new RunFailed("agent_failed", message)) with { Sequence = sequence, At = Now };
            return JsonSerializer.SerializeToUtf8Bytes(CloudEvent.From(Run, recorded)!, CoreJson.Default.CloudEvent);
        }
    }

    private static string Text(OutgoingEvent e) => Encoding.UTF8.GetString(e.Json.Span);

    private sealed class FixedCredential(string? token) : TokenCredential
    {
        public string[] Scopes { get; private set; } = [];

        public override AccessToken GetToken(TokenRequestContext requestContext, CancellationToken cancellationToken)
        {
            Scopes = requestContext.Scopes;
            if (token is null) throw new CredentialUnavailableException("No identity here.");
            return new AccessToken(token, DateTimeOffset.UtcNow.AddHours(1));
        }

        public override ValueTask<AccessToken> GetTokenAsync(TokenRequestContext requestContext, CancellationToken cancellationToken) =>
            new(GetToken(requestContext, cancellationToken));
    }

    private sealed class LogLines : ILogger
    {
        public List<int> Ids { get; } = [];

        public string Text { get; private set; } = "";

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            Ids.Add(eventId.Id);
            Text += formatter(state, exception) + exception;
            CheckedLogger.Instance.Log(logLevel, eventId, state, exception, formatter);
        }
    }
}
