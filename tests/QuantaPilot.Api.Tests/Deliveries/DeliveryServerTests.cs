using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using QuantaPilot.Api.Tests.Support;
using QuantaPilot.Core.Deliveries;
using QuantaPilot.Core.Ports;
using QuantaPilot.Host.Server;
using QuantaPilot.Integrations.EventGrid;
using QuantaPilot.Integrations.Tests.EventGrid;

namespace QuantaPilot.Api.Tests.Deliveries;

/// <summary>The whole standalone host with an Event Grid topic on loopback, on a clock that the test moves.</summary>
public sealed class DeliveryServerTests : IDisposable
{
    private readonly TempDirectory _directory = new();
    private readonly FakeTimeProvider _time = new(Scenario.Start);

    [Fact]
    public async Task EventGrid_DeadDuringARun_HoldsNothingUpAndGetsEverythingOnceItIsBack()
    {
        var port = FreePort();
        await using var server = await StartAsync(Topic("lifecycle", port));
        using var client = server.Client();

        var runId = await server.CompleteRunAsync(client);

        var pending = await client.ListDeliveriesAsync("?sink=lifecycle");
        Assert.Equal(5, pending.Count);
        Assert.All(pending, delivery => Assert.Equal(DeliveryStatus.Pending, delivery.Status));
        // The first attempt of all is the only one that the run made itself.
        Assert.Equal(DeliveryCodes.Unreachable, Assert.Single(pending.SelectMany(delivery => delivery.Attempts)).Code);

        await using var topic = await EventGridServer.StartAsync(port);
        _time.Advance(TimeSpan.FromSeconds(6));
        await server.SettleAsync(runId, _time);

        var delivered = await client.ListDeliveriesAsync($"?sink=lifecycle&status=delivered&run_id={runId}");
        Assert.Equal(5, delivered.Count);
        Assert.Null(topic.Fault);
        Assert.Equal(
            Enumerable.Range(1, 5).Select(sequence => $"{runId}:{sequence}"),
            topic.Events.Select(e => e.GetProperty("id").GetString()).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task EventGrid_TwoTopics_GetTheirEventsAtOnceAsTheLogHasThem()
    {
        await using var all = await EventGridServer.StartAsync();
        await using var gates = await EventGridServer.StartAsync();
        await using var server = await StartAsync(
            Topic("lifecycle", all.Endpoint.Port), Topic("gates", gates.Endpoint.Port, "gate_requested", "gate_decision"));
        using var client = server.Client();

        var runId = await server.CompleteRunAsync(client);

        var log = System.Text.Json.JsonElement.Parse(await client.GetStringAsync($"/runs/{runId}/events"));
        Assert.Equal(log.GetProperty("items").EnumerateArray().Select(e => e.GetRawText()), all.Events.Select(e => e.GetRawText()));
        Assert.All(all.Events, e => Assert.Null(SchemaSet.FindFault("event", e.GetRawText())));
        Assert.Equal([3, 4], gates.Events.Select(e => e.GetProperty("sequence").GetInt32()));
        Assert.Equal(7, (await client.ListDeliveriesAsync("?status=delivered")).Count);
    }

    [Fact]
    public async Task EventGrid_RefusesAnEvent_CanBeRedeliveredOnceItIsMended()
    {
        await using var topic = await EventGridServer.StartAsync();
        topic.Intercept = context => EventGridServer.RefuseAsync(context, 400);
        await using var server = await StartAsync(Topic("lifecycle", topic.Endpoint.Port, "run_completed"));
        using var client = server.Client();
        var runId = await server.CompleteRunAsync(client);
        var dead = Assert.Single(await client.ListDeliveriesAsync("?status=dead_lettered"));
        Assert.Equal(new DeliveryAttempt(Scenario.Start, DeliveryCodes.Rejected, 400), Assert.Single(dead.Attempts));
        topic.Intercept = _ => Task.FromResult(false);

        using var answer = await client.PostAsync($"/deliveries/{dead.Id}/redeliver", null);
        Assert.Equal(HttpStatusCode.Accepted, answer.StatusCode);
        await server.SettleAsync(runId, _time);

        Assert.Equal($"{runId}:5", Assert.Single(topic.Events).GetProperty("id").GetString());
        Assert.Equal(1, Assert.Single(await client.ListDeliveriesAsync("?status=delivered")).Redeliveries);
    }

    [Fact]
    public async Task Start_TopicThatIsNotAccepted_IsRefused()
    {
        var topic = new EventGridTopic { Name = "lifecycle", Endpoint = new Uri("http://example.com/api/events"), Key = "a-key" };

        var e = await Assert.ThrowsAsync<FormatException>(() => StartAsync(topic));

        Assert.Contains("https://", e.Message, StringComparison.Ordinal);
    }

    public void Dispose() => _directory.Dispose();

    private static EventGridTopic Topic(string name, int port, params string[] types) => new()
    {
        Name = name,
        Endpoint = new Uri($"http://127.0.0.1:{port}/api/events"),
        Key = EventGridServer.Key,
        EventTypes = types,
    };

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private Task<QuantaPilotServer> StartAsync(params EventGridTopic[] topics) => QuantaPilotServer.StartAsync(
        new ServerOptions
        {
            DataDirectory = _directory.Path,
            Url = "http://127.0.0.1:0",
            EventGridTopics = topics,
            ConfigureServices = services =>
            {
                var instant = new InstantForge();
                services.AddSingleton<IForge>(instant).RemoveAll<IAgent>().AddSingleton<IAgent>(instant);
                services.AddSingleton<TimeProvider>(_time);
                services.AddLogging(logging => logging.ClearProviders());
            },
        },
        default);
}
