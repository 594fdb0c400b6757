using System.Text.Json;
using Microsoft.Extensions.Time.Testing;
using QuantaPilot.Core.Ports;
using QuantaPilot.Engine.Storage;

namespace QuantaPilot.Engine.Tests.Support;

/// <summary>An engine over a real file in a folder of its own, with a clock that the test moves.</summary>
internal sealed class EngineHost : IAsyncDisposable
{
    /// <summary>Only a hang is ever as long.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private static readonly JsonSerializerOptions Web = new(JsonSerializerDefaults.Web);

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("qp-engine-");
    private readonly EngineOptions _options;
    private OrchestrationRegistry _registry;

    private EngineHost(OrchestrationRegistry registry, EngineOptions? options)
    {
        _registry = registry;
        _options = options ?? new EngineOptions();
        Open(null);
    }

    public FakeTimeProvider Clock { get; } = new(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));

    public SqliteFile File { get; private set; } = null!;

    public TestHub Hub { get; private set; } = null!;

    public EmbeddedEngine Engine { get; private set; } = null!;

    public static async Task<EngineHost> StartAsync(OrchestrationRegistry registry, EngineOptions? options = null)
    {
        var host = new EngineHost(registry, options);
        await host.Engine.StartAsync(default);
        return host;
    }

    /// <summary>Stops the engine, closes the file, and starts another over the same file.</summary>
    public async Task RestartAsync(OrchestrationRegistry? registry = null, Func<ITaskHub, TestHub>? hub = null)
    {
        await CloseAsync();
        _registry = registry ?? _registry;
        Open(hub);
        await Engine.StartAsync(default);
    }

    public async Task CloseAsync()
    {
        await Engine.DisposeAsync();
        File.Dispose();
    }

    public Task<bool> StartAsync(string name, object? input = null, string id = "i1") => Engine.StartAsync(name, id, input, default);

    public Task<bool> RaiseAsync(string eventName, object? payload = null, string id = "i1") =>
        Engine.RaiseEventAsync(id, eventName, payload, default);

    public OrchestrationState Get(string id = "i1") => Hub.Get(id)!;

    public async Task<OrchestrationState> EndAsync(string id = "i1") =>
        (await Engine.WaitForEndAsync(id, default).WaitAsync(Patience))!;

    /// <summary>The output once the instance has completed.</summary>
    public async Task<T> OutputAsync<T>(string id = "i1")
    {
        var state = await EndAsync(id);
        Assert.True(state.Status == OrchestrationStatus.Completed, $"{state.Status}: {state.Failure}");
        return JsonSerializer.Deserialize<T>(state.OutputJson!, Web)!;
    }

    /// <summary>Starts an instance and returns its output.</summary>
    public async Task<T> RunAsync<T>(string name, object? input = null, string id = "i1")
    {
        Assert.True(await StartAsync(name, input, id));
        return await OutputAsync<T>(id);
    }

    public long Count(string table) => File.Read(session => (long)session.Scalar($"SELECT count(*) FROM {table}")!);

    public async ValueTask DisposeAsync()
    {
        await CloseAsync();
        _folder.Delete(recursive: true);
    }

    private void Open(Func<ITaskHub, TestHub>? hub)
    {
        File = SqliteFile.Open(Path.Combine(_folder.FullName, "hub.db"), EmbeddedEngine.Schema);
        var store = new SqliteTaskHub(File);
        Hub = hub?.Invoke(store) ?? new TestHub(store);
        Engine = new EmbeddedEngine(Hub, _registry, _options, Clock, CheckedLogger.Instance);
    }
}
