using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Time.Testing;
using QuantaPilot.Core.Deliveries;
using QuantaPilot.Core.Ports;
using QuantaPilot.Core.Subscriptions;
using QuantaPilot.Integrations.Webhooks;

namespace QuantaPilot.Integrations.Tests.Webhooks;

/// <summary>Where connections go, whatever names stand for. Names are the test's own: nothing is asked of a real resolver.</summary>
public sealed class WebhookAddressTests : IDisposable
{
    private static readonly Webhook _webhook = new("run:1", "{}"u8.ToArray());

    private readonly FakeTimeProvider _time = new(Scenario.Start);
    private readonly List<string> _asked = [];
    private readonly TcpListener _inside = new(IPAddress.Loopback, 0);

    public WebhookAddressTests() => _inside.Start();

    public void Dispose() => _inside.Dispose();

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("169.254.169.254")]
    [InlineData("::1")]
    [InlineData("::ffff:127.0.0.1")]
    [InlineData("10.0.0.1", "192.168.0.1")]
    public async Task Send_NameStandsForAnInsideAddress_IsRefused(params string[] addresses)
    {
        using var sender = Sender([], [.. addresses.Select(IPAddress.Parse)]);

        var answer = await SendAsync(sender, $"https://rebind.example:{Port}/");

        Assert.Equal(SinkAnswer.FailedTransiently(DeliveryCodes.AddressRefused), answer);
        Assert.Equal(["rebind.example"], _asked);
        Assert.False(_inside.Pending());
    }

    [Fact]
    public async Task Send_NameChangesItsAddressAfterwards_GoesWhereItWasChecked()
    {
        // Whoever asked once more after the check would be sent where nobody listens.
        await using var receiver = await WebhookReceiver.StartAsync();
        var port = new Uri(receiver.Url).Port;
        var answers = new Queue<IPAddress[]>([[IPAddress.Parse("127.0.0.1")], [IPAddress.Parse("127.0.0.99")]]);
        using var sender = new WebhookSender(new WebhookTargets(["rebind.example"]), _time, (host, _) =>
        {
            _asked.Add(host);
            return Task.FromResult(answers.Dequeue());
        });

        Assert.Equal(SinkAnswer.Delivered(200), await SendAsync(sender, $"http://rebind.example:{port}/hook"));
        Assert.Equal(SinkAnswer.Delivered(200), await SendAsync(sender, $"http://rebind.example:{port}/hook"));

        // Once for the one connection that both took.
        Assert.Equal(["rebind.example"], _asked);
        Assert.Equal($"rebind.example:{port}", (await receiver.NextAsync()).Headers["host"]);
    }

    [Fact]
    public async Task Connect_InsideAddress_IsRefusedWhateverTheUrlWas()
    {
        var connector = new WebhookConnector(new WebhookTargets([]), (_, _) => Task.FromResult<IPAddress[]>([IPAddress.Loopback]));
        using var http = new HttpClient(new SocketsHttpHandler { ConnectCallback = connector.ConnectAsync });

        var refused = await Assert.ThrowsAsync<HttpRequestException>(() => http.GetAsync(new Uri($"http://inside.example:{Port}/")));

        Assert.IsType<AddressRefusedException>(refused.InnerException);
        Assert.False(_inside.Pending());
    }

    [Theory]
    [InlineData("http://127.0.0.1:1/")]
    [InlineData("https://127.0.0.1:1/")]
    [InlineData("http://example.com/")]
    public async Task Send_UrlThatTheSettingsNoLongerAllow_IsRefusedUnsent(string url)
    {
        using var sender = Sender([], IPAddress.Loopback);

        Assert.Equal(SinkAnswer.FailedTransiently(DeliveryCodes.AddressRefused), await SendAsync(sender, url));

        Assert.Empty(_asked);
    }

    [Fact]
    public async Task Send_NameStandsForNothing_IsUnreachable()
    {
        using var sender = Sender([]);

        Assert.Equal(SinkAnswer.FailedTransiently(DeliveryCodes.Unreachable), await SendAsync(sender, "https://nowhere.example/"));
    }

    [Fact]
    public async Task Send_FirstAddressIsDead_GoesToTheNext()
    {
        await using var receiver = await WebhookReceiver.StartAsync();
        // Nobody listens there: the receiver has the port on 127.0.0.1 alone.
        using var sender = Sender(["many.example"], IPAddress.Parse("127.0.0.2"), IPAddress.Loopback);

        Assert.Equal(SinkAnswer.Delivered(200), await SendAsync(sender, $"http://many.example:{new Uri(receiver.Url).Port}/"));
    }

    private int Port => ((IPEndPoint)_inside.LocalEndpoint).Port;

    private WebhookSender Sender(string[] allowed, params IPAddress[] addresses) => new(new WebhookTargets(allowed), _time, (host, _) =>
    {
        _asked.Add(host);
        return Task.FromResult(addresses);
    });

    private static async Task<SinkAnswer> SendAsync(WebhookSender sender, string url) =>
        (await sender.SendAsync(SubscriptionScenario.Of(url), _webhook, 0, default)).Outcome;
}
