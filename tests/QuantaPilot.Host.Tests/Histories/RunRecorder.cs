using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using QuantaPilot.Core.Ports;
using QuantaPilot.Engine;
using QuantaPilot.Host.Server;
using QuantaPilot.Host.Sqlite;

namespace QuantaPilot.Host.Tests.Histories;

/// <summary>
/// A whole host over real repositories, with a clock that the recording moves. Runs are made through its API; their
/// histories are what its engine has stored.
/// </summary>
internal sealed class RunRecorder : IAsyncDisposable
{
    private static readonly JsonSerializerOptions Readable = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly TempDirectory _directory;
    private readonly QuantaPilotServer _server;

    /// <summary>How often the store is still to be away when events are to be recorded.</summary>
    private int _outage;

    private RunRecorder(TempDirectory directory, QuantaPilotServer server, FakeTimeProvider clock)
    {
        _directory = directory;
        _server = server;
        Clock = clock;
        Client = new QpClient(new Uri(server.Url), server.AdminToken);
    }

    public FakeTimeProvider Clock { get; }

    public QpClient Client { get; }

    /// <summary>The code that the host runs.</summary>
    public OrchestrationRegistry Registry => _server.Services.GetRequiredService<OrchestrationRegistry>();

    private EmbeddedEngine Engine => _server.Services.GetRequiredService<EmbeddedEngine>();

    public static async Task<RunRecorder> StartAsync()
    {
        var directory = new TempDirectory();
        var clock = new FakeTimeProvider(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
        RunRecorder? recorder = null;
        var options = new ServerOptions
        {
            DataDirectory = directory.Combine("data"),
            Url = "http://127.0.0.1:0",
            AllowedRepositories = ["file://*"],
            AllowedCommands = ["file://*"],
            ConfigureServices = services => services.AddSingleton<TimeProvider>(clock).AddLogging(logging => logging.ClearProviders())
                .AddSingleton(provider => FailingPort.Around<IRunStore>(
                    ActivatorUtilities.CreateInstance<SqliteRunStore>(provider), nameof(IRunStore.AppendAsync), () => recorder?.NextFault())),
        };
        return recorder = new RunRecorder(directory, await QuantaPilotServer.StartAsync(options, default), clock);
    }

    public GitRepository Repository(string name, params (string Path, string Text)[] files)
    {
        var repository = new GitRepository(_directory, name);
        repository.Commit("main", files);
        return repository;
    }

    public GitRepository SampleRepository(string name) => SamplePipeline.Create(_directory, name);

    /// <summary>Lets the store be away when events of a run that waits at a gate are to be recorded, and time pass until it is back.</summary>
    /// <param name="runId">The run.</param>
    /// <param name="times">How often it is away.</param>
    /// <param name="goOn">Brings the run to its next step.</param>
    public async Task OutlastAsync(string runId, int times, Func<Task> goOn)
    {
        await ExportAtGateAsync(runId);
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

    /// <summary>The history of a run that waits at a gate.</summary>
    public async Task<string> ExportAtGateAsync(string runId)
    {
        // A gate is seen before the turn that sets its time-out has committed, and nothing tells of that turn.
        string history;
        while (!(history = Export(runId)).Contains("timerCreated", StringComparison.Ordinal)) await Task.Yield();
        return history;
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _server.DisposeAsync();
        _directory.Dispose();
    }

    private StorageUnavailableException? NextFault() =>
        Interlocked.Decrement(ref _outage) >= 0 ? new StorageUnavailableException(isRefusal: false, "The disk is away.") : null;

    private int TimersOf(string runId) => Engine.ExportHistory(runId)!.Split("\"timerCreated\"").Length - 1;

    /// <summary>As it is committed: indented, and without the random name of the directory.</summary>
    private string Export(string runId) =>
        JsonNode.Parse(Engine.ExportHistory(runId)!.Replace(_directory.Path, "/srv/git", StringComparison.Ordinal))!.ToJsonString(Readable);
}
