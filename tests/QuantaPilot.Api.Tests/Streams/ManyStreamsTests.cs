using System.Net.Http.Headers;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using QuantaPilot.Api.Tests.Support;
using QuantaPilot.Core.Ports;
using QuantaPilot.Core.Runs;
using QuantaPilot.Host.Server;

namespace QuantaPilot.Api.Tests.Streams;

/// <summary>A thousand streams on one real server, over real sockets.</summary>
public sealed class ManyStreamsTests : IDisposable
{
    private const int Streams = 1_000;
    private const int Runs = 10;
    private const int EventsPerRun = 20;

    /// <summary>Every so many streams one is dropped in the middle and resumed.</summary>
    private const int DropOneOf = 5;

    private static readonly TimeSpan _patience = TimeSpan.FromMinutes(2);
    private readonly TempDirectory _directory = new();

    [Fact]
    public async Task Streams_AThousandAtOnce_EachTellsItsEventsOnceInOrder()
    {
        await using var server = await QuantaPilotServer.StartAsync(Options(), default);
        var store = server.Services.GetRequiredService<IRunStore>();
        var runs = new List<RunId>();
        for (var i = 0; i < Runs; i++) runs.Add(await AddRunAsync(store));
        using var client = Client(server);

        // Half of them follow one run each, the others all runs.
        var paths = Enumerable.Range(0, Streams).Select(i => i % 2 == 0 ? $"/runs/{runs[i / 2 % Runs]}/events" : "/events").ToList();
        var open = await Task.WhenAll(paths.Select(path => client.StreamAsync(path))).WaitAsync(_patience);
        var following = Task.WhenAll(open.Select((stream, i) => FollowAsync(client, stream, paths[i], dropped: i % DropOneOf == 0)));
        await Task.WhenAll(runs.Select(run => AppendAsync(store, run)));
        var told = await following.WaitAsync(_patience);

        var log = (await store.ReadAllEventsAsync(0, Runs * EventsPerRun + 1, default)).Select(e => $"{e.RunId}:{e.Sequence}").ToList();
        Assert.Equal(Runs * EventsPerRun, log.Count);
        var ofRun = Enumerable.Range(1, EventsPerRun).Select(sequence => $"{sequence}").ToList();
        for (var i = 0; i < Streams; i++) Assert.Equal(i % 2 == 0 ? ofRun : log, told[i]);
    }

    public void Dispose() => _directory.Dispose();

    /// <summary>The ids of all events that are to come, across one drop of the connection if that is wanted.</summary>
    private static async Task<List<string>> FollowAsync(HttpClient client, EventReader stream, string path, bool dropped)
    {
        var count = path == "/events" ? Runs * EventsPerRun : EventsPerRun;
        var ids = new List<string>(count);
        if (dropped)
        {
            using (stream) await stream.AddIdsAsync(ids, count / 2);
            stream = await client.StreamAsync(path, ids[^1]);
        }
        using (stream) await stream.AddIdsAsync(ids, count);
        return ids;
    }

    private static async Task<RunId> AddRunAsync(IRunStore store)
    {
        var run = Scenario.Run();
        await store.CreateAsync(run, default);
        return run.RunId;
    }

    private static async Task AppendAsync(IRunStore store, RunId run)
    {
        await store.AppendAsync(run, [Scenario.Started()], default);
        for (var revision = 2; revision < EventsPerRun; revision++) await store.AppendAsync(run, [Scenario.Tick(revision)], default);
        await store.AppendAsync(run, [Scenario.Completed(EventsPerRun)], default);
    }

    private ServerOptions Options() => new()
    {
        DataDirectory = _directory.Path,
        Url = "http://127.0.0.1:0",
        ConfigureServices = services => services.AddLogging(logging => logging.ClearProviders()),
    };

    private static HttpClient Client(QuantaPilotServer server)
    {
        var handler = new SocketsHttpHandler { MaxConnectionsPerServer = int.MaxValue };
        var client = new HttpClient(handler) { BaseAddress = new Uri(server.Url), Timeout = _patience };
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", server.AdminToken);
        return client;
    }
}
