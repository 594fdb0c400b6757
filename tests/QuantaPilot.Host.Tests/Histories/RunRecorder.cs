using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using QuantaPilot.Core.Limits;
using QuantaPilot.Core.Ports;
using QuantaPilot.Engine;
using QuantaPilot.Host.Server;
using QuantaPilot.Host.Sqlite;
using QuantaPilot.Integrations.GitHub;
using QuantaPilot.Integrations.Http;
using QuantaPilot.Testing.Agents;
using QuantaPilot.Testing.GitHub;

namespace QuantaPilot.Host.Tests.Histories;

/// <summary>
/// A whole host over real repositories, with a clock that the recording moves. Runs are made through its API; their
/// histories are what its engine has stored.
/// </summary>
internal sealed class RunRecorder : IAsyncDisposable
{
    private static readonly JsonSerializerOptions Readable = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly TempDirectory _directory;
    private readonly FakeGitHub _gitHub;
    private readonly QuantaPilotServer _server;

    /// <summary>How often the store is still to be away when events are to be recorded.</summary>
    private int _outage;

    private RunRecorder(
        TempDirectory directory, HttpAgentServer agent, FakeGitHub gitHub, QuantaPilotServer server, FakeTimeProvider clock)
    {
        _directory = directory;
        _gitHub = gitHub;
        _server = server;
        Agent = agent;
        Clock = clock;
        Client = new QpClient(new Uri(server.Url), server.AdminToken);
    }

    public FakeTimeProvider Clock { get; }

    public QpClient Client { get; }

    /// <summary>The agent elsewhere that quantapilot.yml knows as <c>build-farm</c>.</summary>
    public HttpAgentServer Agent { get; }

    /// <summary>The code that the host runs.</summary>
    public OrchestrationRegistry Registry => _server.Services.GetRequiredService<OrchestrationRegistry>();

    private EmbeddedEngine Engine => _server.Services.GetRequiredService<EmbeddedEngine>();

    /// <param name="change">Other settings than those of all recordings.</param>
    public static async Task<RunRecorder> StartAsync(Func<ServerOptions, ServerOptions>? change = null)
    {
        var directory = new TempDirectory();
        var clock = new FakeTimeProvider(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
        var agent = await HttpAgentServer.StartAsync(time: clock);
        var gitHub = await FakeGitHub.StartAsync(directory, clock);
        string[] projects = ["file://*", $"http://{gitHub.Host}/*"];
        RunRecorder? recorder = null;
        var options = new ServerOptions
        {
            DataDirectory = directory.Combine("data"),
            Url = "http://127.0.0.1:0",
            AllowedRepositories = projects,
            AllowedCommands = projects,
            AllowedWebhookHosts = ["127.0.0.1"],
            Agents = [new HttpAgentEndpoint { Name = "build-farm", Url = agent.Url, Secret = HttpAgentServer.Secret }],
            GitHub = [new GitHubHost { Host = gitHub.Host, ApiUrl = new Uri(gitHub.ApiUrl), Token = FakeGitHub.Token }],
            // Of one repository alone.
            DailyLimits = [new DailyLimit($"file://*/{RunScenarios.HeldForTheDay}", Tokens: 50, Usd: null)],
            ConfigureServices = services => services.AddSingleton<TimeProvider>(clock).AddLogging(logging => logging.ClearProviders())
                .AddSingleton(provider => FailingPort.Around<IRunStore>(
                    ActivatorUtilities.CreateInstance<SqliteRunStore>(provider), nameof(IRunStore.AppendAsync), () =>
                        recorder?.NextFault())),
        };
        var server = await QuantaPilotServer.StartAsync(change?.Invoke(options) ?? options, default);
        return recorder = new RunRecorder(directory, agent, gitHub, server, clock);
    }

    public GitRepository Repository(string name, params (string Path, string Text)[] files)
    {
        var repository = new GitRepository(_directory, name);
        repository.Commit("main", files);
        return repository;
    }

    /// <summary>The same on a GitHub whose pull requests have checks.</summary>
    public FakeGitHubRepository GitHubRepository(string name, params (string Path, string Text)[] files) =>
        _gitHub.Add($"acme/{name}", Repository($"acme/{name}", files));

    public GitRepository SampleRepository(string name) => SamplePipeline.Create(_directory, name);

    /// <summary>
    /// Lets the store be away when events of a run that waits at a gate are to be recorded, and time pass until it is back.
    /// </summary>
    /// <param name="runId">The run.</param>
    /// <param name="times">How often it is away.</param>
    /// <param name="goOn">Brings the run to its next step.</param>
    public async Task OutlastAsync(string runId, int times, Func<Task> goOn)
    {
        await ExportOnTimerAsync(runId);
        var before = TimersOf(runId);
        Volatile.Write(ref _outage, times);
        await goOn();
        for (var waited = 1; waited <= times; waited++)
        {
            while (TimersOf(runId) < before + waited) await Task.Yield();
            Clock.Advance(TimeSpan.FromMinutes(1));
        }
    }

    /// <summary>The history of a run that has ended.</summary>
    public async Task<string> ExportAfterEndAsync(string runId)
    {
        // The run shows its end before the turn that ends its orchestration has committed.
        await Engine.WaitForEndAsync(runId, default);
        return Export(runId);
    }

    /// <summary>The history of a run that waits, and goes on by itself at some time if nothing else happens.</summary>
    public async Task<string> ExportOnTimerAsync(string runId)
    {
        // A gate, say, is seen before the turn that sets its time-out has committed, and nothing tells of that turn.
        string history;
        while (!EndsWithTimer(history = Export(runId))) await Task.Yield();
        return history;
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _server.DisposeAsync();
        await Agent.DisposeAsync();
        await _gitHub.DisposeAsync();
        _directory.Dispose();
    }

    private StorageUnavailableException? NextFault() =>
        Interlocked.Decrement(ref _outage) >= 0 ? new StorageUnavailableException(isRefusal: false, "The disk is away.") : null;

    private int TimersOf(string runId) => Engine.ExportHistory(runId)!.Split("\"timerCreated\"").Length - 1;

    private static bool EndsWithTimer(string history)
    {
        var turns = JsonNode.Parse(history)!["turns"]!.AsArray();
        var types = turns.SelectMany(turn => turn!.AsArray()).Select(e => (string)e!["type"]!).ToList();
        return types[^1] == "timerCreated"
            && types.Count(type => type == "activityScheduled") == types.Count(type => type == "activityCompleted");
    }

    /// <summary>As it is committed: indented, and without the random name of the directory.</summary>
    private string Export(string runId) =>
        JsonNode.Parse(Engine.ExportHistory(runId)!.Replace(_directory.Path, "/srv/git", StringComparison.Ordinal))!.ToJsonString(Readable);
}
