using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using QuantaPilot.Api.Tests.Support;
using QuantaPilot.Core.Contracts;
using QuantaPilot.Core.Ports;
using QuantaPilot.Core.Runs;
using QuantaPilot.Engine.Storage;
using QuantaPilot.Host.Server;

namespace QuantaPilot.Api.Tests;

/// <summary>The whole standalone host on loopback, with a forge and an agent that do nothing.</summary>
public sealed class ServerTests : IDisposable
{
    private readonly TempDirectory _directory = new();

    [Fact]
    public async Task Run_ApprovedAtItsGate_CompletesWithAGaplessLog()
    {
        await using var server = await StartAsync();
        using var client = Client(server);

        var accepted = await StartRunAsync(client);
        await DecideWhenAskedAsync(client, accepted.RunId);
        var run = await WaitForEndAsync(client, accepted.RunId);

        Assert.Equal(RunStatus.Completed, run.Status);
        var log = await client.GetFromJsonAsync<System.Text.Json.JsonElement>($"/runs/{accepted.RunId}/events");
        var events = log.GetProperty("items").EnumerateArray().ToList();
        Assert.Equal(
            ["run_started", "documentation_generated", "gate_requested", "gate_decision", "run_completed"],
            events.Select(e => e.GetProperty("type").GetString()!["quantapilot.".Length..]));
        Assert.Equal([1, 2, 3, 4, 5], events.Select(e => e.GetProperty("sequence").GetInt32()));
        Assert.All(events, e => Assert.Equal(accepted.CorrelationId, e.GetProperty("correlationid").GetString()));
    }

    [Fact]
    public async Task Run_WaitingWhenTheHostStops_IsDecidedAfterTheRestart()
    {
        RunId runId;
        await using (var server = await StartAsync())
        {
            using var client = Client(server);
            runId = (await StartRunAsync(client)).RunId;
            await WaitForGateAsync(client, runId);
        }

        await using var again = await StartAsync();
        using var second = Client(again);
        await DecideWhenAskedAsync(second, runId);

        Assert.Equal(RunStatus.Completed, (await WaitForEndAsync(second, runId)).Status);
    }

    [Fact]
    public async Task Run_ThatEndedLongAgo_IsDeletedByTheHourlySweep()
    {
        var time = new FakeTimeProvider(DateTimeOffset.UtcNow);
        await using var server = await QuantaPilotServer.StartAsync(Options() with
        {
            RetentionDays = 2,
            ConfigureServices = services =>
            {
                UseInstantForge(services);
                services.AddSingleton<TimeProvider>(time);
            },
        }, default);
        using var client = Client(server);
        var (first, second) = ((await StartRunAsync(client)).RunId, (await StartRunAsync(client)).RunId);
        await DecideWhenAskedAsync(client, first);
        await WaitForEndAsync(client, first);
        await WaitForGateAsync(client, second);

        time.Advance(TimeSpan.FromDays(2));
        Assert.Equal(HttpStatusCode.OK, (await client.GetAsync($"/runs/{first}")).StatusCode);
        // The timer may be set at any moment: time goes by until it has gone off.
        while ((await client.GetAsync($"/runs/{first}")).StatusCode == HttpStatusCode.OK) time.Advance(TimeSpan.FromHours(1));

        Assert.Equal(HttpStatusCode.OK, (await client.GetAsync($"/runs/{second}")).StatusCode);
        Assert.Null(await server.Services.GetRequiredService<IOrchestrationClient>().GetAsync($"{first}", default));
    }

    [Fact]
    public async Task Run_Cancelled_EndsAsCancelled()
    {
        await using var server = await StartAsync();
        using var client = Client(server);
        var runId = (await StartRunAsync(client)).RunId;
        await WaitForGateAsync(client, runId);

        using var answer = await client.PostAsync($"/runs/{runId}/cancel", ApiHost.Json("""{"reason":"not needed"}"""));

        Assert.Equal(HttpStatusCode.Accepted, answer.StatusCode);
        Assert.Equal(RunStatus.Cancelled, (await WaitForEndAsync(client, runId)).Status);
    }

    [Fact]
    public async Task Start_Files_AreForTheOwnerOnlyAndTellTokenAndUrl()
    {
        string url;
        await using (var server = await StartAsync())
        {
            url = server.Url;
            Assert.Equal(server.AdminToken, await File.ReadAllTextAsync(_directory.File("admin.token")));
            Assert.Equal(url, await File.ReadAllTextAsync(_directory.File("server.url")));
            foreach (var file in new[] { "admin.token", "quantapilot.db", "quantapilot.db-wal", "quantapilot.db-shm" })
            {
                if (!OperatingSystem.IsWindows())
                    Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(_directory.File(file)));
            }
        }
        Assert.StartsWith("http://127.0.0.1:", url, StringComparison.Ordinal);
        Assert.False(File.Exists(_directory.File("server.url")));
    }

    [Fact]
    public async Task Start_Again_KeepsTheTokenUnlessItsFileIsGone()
    {
        string first, second, third;
        await using (var server = await StartAsync()) first = server.AdminToken;
        await using (var server = await StartAsync()) second = server.AdminToken;
        File.Delete(_directory.File("admin.token"));
        await using var last = await StartAsync();
        third = last.AdminToken;

        Assert.Equal(first, second);
        Assert.NotEqual(second, third);
        using var client = Client(last);
        Assert.Equal(HttpStatusCode.OK, (await client.GetAsync("/runs")).StatusCode);
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", first);
        using var revoked = await client.GetAsync("/runs");
        await revoked.ProblemAsync(HttpStatusCode.Unauthorized, ErrorCodes.Unauthenticated);
    }

    [Fact]
    public async Task Start_OnADirectoryInUse_SaysSo()
    {
        await using var server = await StartAsync();

        var e = await Assert.ThrowsAsync<SqliteFileException>(StartAsync);

        Assert.Contains("in use by another process", e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("https://127.0.0.1:0")]
    [InlineData("nonsense")]
    [InlineData("http://127.0.0.1:0/path")]
    public async Task Start_AtAUrlThatItCannotServe_SaysWhatItTakes(string url)
    {
        var e = await Assert.ThrowsAsync<FormatException>(() =>
            QuantaPilotServer.StartAsync(new ServerOptions { DataDirectory = _directory.Path, Url = url }, default));

        Assert.Contains("http://host:port", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Path_WithANul_IsRefusedByTheServerItself()
    {
        await using var server = await StartAsync();
        using var client = Client(server);

        using var answer = await client.GetAsync("/runs/%00");

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
    }

    [Fact]
    public async Task Dispose_WhileAStreamIsOpen_EndsIt()
    {
        var server = await StartAsync();
        using var client = Client(server);
        var runId = (await StartRunAsync(client)).RunId;
        await WaitForGateAsync(client, runId);
        using var request = new HttpRequestMessage(HttpMethod.Get, "/events?after=0");
        using var stream = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        using var reader = new EventReader(await stream.Content.ReadAsStreamAsync());
        var events = await reader.TakeAsync(3);

        await server.DisposeAsync();

        Assert.Equal("quantapilot.gate_requested", events[^1].Type);
        Assert.Empty(await reader.ToEndAsync());
    }

    public void Dispose() => _directory.Dispose();

    private Task<QuantaPilotServer> StartAsync() => QuantaPilotServer.StartAsync(Options(), default);

    private ServerOptions Options() => new()
    {
        DataDirectory = _directory.Path,
        Url = "http://127.0.0.1:0",
        ConfigureServices = UseInstantForge,
    };

    private static void UseInstantForge(IServiceCollection services)
    {
        var instant = new InstantForge();
        services.AddSingleton<IForge>(instant).RemoveAll<IAgent>().AddSingleton<IAgent>(instant);
        services.AddLogging(logging => logging.ClearProviders());
    }

    private static HttpClient Client(QuantaPilotServer server)
    {
        var client = new HttpClient { BaseAddress = new Uri(server.Url) };
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", server.AdminToken);
        return client;
    }

    private static async Task<RunAccepted> StartRunAsync(HttpClient client)
    {
        using var answer = await client.PostAsync("/run", ApiHost.Json("""{"repo_url":"https://example.com/org/project.git","branch":"main"}"""));
        return await answer.OkAsync(CoreJson.Default.RunAccepted, HttpStatusCode.Accepted);
    }

    private static async Task WaitForGateAsync(HttpClient client, RunId runId)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"/runs/{runId}/events");
        request.Headers.Accept.ParseAdd("text/event-stream");
        using var answer = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        using var reader = new StreamReader(await answer.Content.ReadAsStreamAsync());
        while (await reader.ReadLineAsync() is { } line)
        {
            if (line == "event: quantapilot.gate_requested") return;
        }
        Assert.Fail("The run ended without a gate.");
    }

    private static async Task DecideWhenAskedAsync(HttpClient client, RunId runId)
    {
        await WaitForGateAsync(client, runId);
        using var answer = await client.PostAsync($"/runs/{runId}/gates/anchor", ApiHost.Json("""{"approved":true}"""));
        var decision = await answer.OkAsync(CoreJson.Default.DecisionAnswer);
        Assert.Equal(VoteResult.Applied, decision.Result);
    }

    private static async Task<RunResource> WaitForEndAsync(HttpClient client, RunId runId)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"/runs/{runId}");
        request.Headers.Add("Prefer", "wait=60");
        using var answer = await client.SendAsync(request);
        Assert.Equal("wait=60", answer.Headers.GetValues("Preference-Applied").Single());
        return await answer.OkAsync(CoreJson.Default.RunResource);
    }
}
