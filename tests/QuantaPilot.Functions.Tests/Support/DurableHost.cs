using Microsoft.DurableTask;
using Microsoft.DurableTask.Client;
using Microsoft.DurableTask.Converters;
using Microsoft.DurableTask.Testing;
using Microsoft.DurableTask.Worker;
using Microsoft.Extensions.DependencyInjection;
using QuantaPilot.Core.Orchestrations;
using QuantaPilot.Functions.Durable;

namespace QuantaPilot.Functions.Tests.Support;

/// <summary>Durable Task in this process, with Core's ports over it as the app has them.</summary>
internal sealed class DurableHost : IAsyncDisposable
{
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private static readonly JsonDataConverter _json = new(WorkerJson.Options);
    private readonly DurableTaskTestHost _host;

    private DurableHost(DurableTaskTestHost host)
    {
        _host = host;
        Client = new DurableOrchestrationClient(new DurableClientAccessor { Client = host.Client }, TimeProvider.System);
    }

    public DurableOrchestrationClient Client { get; }

    public static async Task<DurableHost> StartAsync(Action<DurableTaskRegistry> register)
    {
        var options = new DurableTaskTestHostOptions
        {
            ConfigureServices = services => services
                .AddOptions<DurableTaskWorkerOptions>(Microsoft.Extensions.Options.Options.DefaultName)
                .Services.ConfigureAll<DurableTaskWorkerOptions>(worker => worker.DataConverter = _json)
                .ConfigureAll<DurableTaskClientOptions>(client => client.DataConverter = _json),
        };
        return new DurableHost(await DurableTaskTestHost.StartAsync(register, options));
    }

    public static Task<DurableHost> StartAsync<TOutput>(string name, Func<IOrchestrationContext, Task<TOutput>> orchestration) =>
        StartAsync(registry => Add(registry, name, orchestration));

    public static void Add<TOutput>(DurableTaskRegistry registry, string name, Func<IOrchestrationContext, Task<TOutput>> orchestration) =>
        registry.AddOrchestratorFunc(name, context => orchestration(new DurableOrchestrationContext(context)));

    /// <summary>The output of an instance once it has ended, as JSON.</summary>
    public async Task<(OrchestrationRuntimeStatus Status, string? Output)> EndAsync(string instanceId)
    {
        using var timeout = new CancellationTokenSource(Patience);
        var ended = await _host.Client.WaitForInstanceCompletionAsync(instanceId, getInputsAndOutputs: true, timeout.Token);
        return (ended.RuntimeStatus, ended.SerializedOutput ?? ended.FailureDetails?.ToString());
    }

    public ValueTask DisposeAsync() => _host.DisposeAsync();
}
