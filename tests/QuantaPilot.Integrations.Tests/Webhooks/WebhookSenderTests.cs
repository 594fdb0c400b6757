using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.Extensions.Time.Testing;
using QuantaPilot.Core.Deliveries;
using QuantaPilot.Core.Ports;
using QuantaPilot.Core.Subscriptions;
using QuantaPilot.Integrations.Webhooks;

namespace QuantaPilot.Integrations.Tests.Webhooks;

public sealed class WebhookSenderTests : IAsyncLifetime, IDisposable
{
    private static readonly Webhook _webhook = new("run:1", Encoding.UTF8.GetBytes("""{"id":"run:1"}"""));
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(30);

    private readonly FakeTimeProvider _time = new(Scenario.Start);
    private readonly WebhookSender _sender;
    private WebhookReceiver _receiver = null!;

    public WebhookSenderTests() => _sender = new WebhookSender(new WebhookTargets(["127.0.0.1"]), _time);

    public async Task InitializeAsync() => _receiver = await WebhookReceiver.StartAsync();

    public async Task DisposeAsync() => await _receiver.DisposeAsync();

    public void Dispose() => _sender.Dispose();

    [Fact]
    public async Task Send_Webhook_IsSignedAndUnchanged()
    {
        var subscription = SubscriptionScenario.Of(_receiver.Url) with { PlainSecret = new PlainSecret("a-plain-secret") };

        Assert.Equal(SinkAnswer.Delivered(200), await SendAsync(subscription));

        var received = await _receiver.NextAsync();
        Assert.Equal(_webhook.Json.ToArray(), received.Body);
        Assert.Equal("application/cloudevents+json", received.Headers["content-type"]);
        Assert.Equal("run:1", received.Headers["webhook-id"]);
        Assert.Equal("1767225600", received.Headers["webhook-timestamp"]);
        Assert.Equal(
            WebhookSignature.Sign(subscription.Secrets, "run:1", "1767225600", _webhook.Json.Span), received.Headers["webhook-signature"]);
        Assert.Equal("a-plain-secret", received.Headers["x-quantapilot-secret"]);
        Assert.DoesNotContain("traceparent", received.Headers.Keys);
    }

    [Fact]
    public async Task Send_SecretThatHasExpired_SignsNothing()
    {
        var subscription = SubscriptionScenario.Of(_receiver.Url);
        var fresh = new SigningSecret(SigningSecret.Prefix + Convert.ToBase64String(new byte[32]), Scenario.Start);
        subscription = subscription.Rotated(fresh, TimeSpan.FromHours(1));

        await SendAsync(subscription);
        _time.Advance(TimeSpan.FromHours(1));
        await SendAsync(subscription);

        Assert.Equal(2, (await _receiver.NextAsync()).Headers["webhook-signature"].Split(' ').Length);
        Assert.Single((await _receiver.NextAsync()).Headers["webhook-signature"].Split(' '));
    }

    [Theory]
    [InlineData(204, SinkVerdict.Delivered, DeliveryCodes.Delivered)]
    [InlineData(302, SinkVerdict.FailedTransiently, DeliveryCodes.Redirected)]
    [InlineData(308, SinkVerdict.FailedTransiently, DeliveryCodes.Redirected)]
    [InlineData(400, SinkVerdict.FailedTransiently, DeliveryCodes.Rejected)]
    [InlineData(401, SinkVerdict.FailedTransiently, DeliveryCodes.Unauthorized)]
    [InlineData(404, SinkVerdict.FailedTransiently, DeliveryCodes.NotFound)]
    [InlineData(410, SinkVerdict.Refused, DeliveryCodes.Gone)]
    [InlineData(413, SinkVerdict.FailedTransiently, DeliveryCodes.TooLarge)]
    [InlineData(429, SinkVerdict.FailedTransiently, DeliveryCodes.Throttled)]
    [InlineData(500, SinkVerdict.FailedTransiently, DeliveryCodes.Unavailable)]
    [InlineData(503, SinkVerdict.FailedTransiently, DeliveryCodes.Unavailable)]
    public async Task Send_Status_DecidesWhatBecomesOfIt(int status, SinkVerdict verdict, string code)
    {
        _receiver.Answer = (context, _) =>
        {
            context.Response.StatusCode = status;
            context.Response.Headers.Location = _receiver.Url + "/elsewhere";
            return Task.CompletedTask;
        };

        Assert.Equal(new SinkAnswer(verdict, code, status), await SendAsync());

        Assert.Single(_receiver.Received);
    }

    [Theory]
    [InlineData(429, "120", 120)]
    [InlineData(503, "Thu, 01 Jan 2026 00:05:00 GMT", 300)]
    [InlineData(503, "Wed, 31 Dec 2025 00:00:00 GMT", null)]
    [InlineData(429, "soon", null)]
    [InlineData(500, "120", null)]
    public async Task Send_RetryAfter_IsHeededWhereItIsMeant(int status, string asked, int? seconds)
    {
        _receiver.Answer = (context, _) =>
        {
            context.Response.StatusCode = status;
            context.Response.Headers.RetryAfter = asked;
            return Task.CompletedTask;
        };

        Assert.Equal(seconds, (await SendAsync()).RetryAfter?.TotalSeconds);
    }

    [Fact]
    public async Task Send_ReceiverHangs_IsGivenUpAfterTheLimit()
    {
        _receiver.Answer = (context, _) => Task.Delay(Timeout.Infinite, context.RequestAborted);

        var sending = SendAsync();
        await _receiver.NextAsync();
        _time.Advance(WebhookSender.TimeLimit);

        Assert.Equal(SinkAnswer.FailedTransiently(DeliveryCodes.TimedOut), await sending.WaitAsync(_patience));
    }

    [Fact]
    public async Task Send_CallerGivesUp_Throws()
    {
        using var cancellation = new CancellationTokenSource();
        _receiver.Answer = (context, _) => Task.Delay(Timeout.Infinite, context.RequestAborted);

        var sending = _sender.SendAsync(SubscriptionScenario.Of(_receiver.Url), _webhook, 0, cancellation.Token);
        await _receiver.NextAsync();
        await cancellation.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => sending);
    }

    [Fact]
    public async Task Send_BodyWithoutEnd_CountsByItsStatusAndIsCutOff()
    {
        _receiver.Answer = async (context, _) =>
        {
            var block = Encoding.ASCII.GetBytes(new string('a', 4096));
            while (!context.RequestAborted.IsCancellationRequested) await context.Response.Body.WriteAsync(block, context.RequestAborted);
        };

        var answer = await _sender.SendAsync(SubscriptionScenario.Of(_receiver.Url), _webhook, 1000, default).WaitAsync(_patience);

        Assert.Equal((SinkAnswer.Delivered(200), 1000), (answer.Outcome, answer.Body!.Length));
        Assert.Equal(SinkAnswer.Delivered(200), await SendAsync().WaitAsync(_patience));
    }

    [Fact]
    public async Task Send_HeadersWithoutEnd_AreGivenUp()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var port = ((IPEndPoint)listener.LocalEndpoint).Port;
        var serving = Task.Run(async () =>
        {
            using var client = await listener.AcceptTcpClientAsync();
            var stream = client.GetStream();
            await stream.WriteAsync("HTTP/1.1 200 OK\r\n"u8.ToArray());
            var line = Encoding.ASCII.GetBytes($"X-Fill: {new string('a', 1000)}\r\n");
            try
            {
                while (true) await stream.WriteAsync(line);
            }
            catch (IOException)
            {
                return true;
            }
        });

        var answer = await SendAsync(SubscriptionScenario.Of($"http://127.0.0.1:{port}/"));

        Assert.Equal(SinkAnswer.FailedTransiently(DeliveryCodes.Unavailable), answer);
        Assert.True(await serving.WaitAsync(_patience));
    }

    [Fact]
    public async Task Send_NobodyListens_IsUnreachable()
    {
        var url = _receiver.Url;
        await _receiver.DisposeAsync();

        Assert.Equal(SinkAnswer.FailedTransiently(DeliveryCodes.Unreachable), await SendAsync(SubscriptionScenario.Of(url)));

        _receiver = await WebhookReceiver.StartAsync();
    }

    private Task<SinkAnswer> SendAsync() => SendAsync(SubscriptionScenario.Of(_receiver.Url));

    private async Task<SinkAnswer> SendAsync(Subscription subscription) =>
        (await _sender.SendAsync(subscription, _webhook, 0, default)).Outcome;
}
