using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Microsoft.DurableTask;
using Microsoft.DurableTask.Client;
using Microsoft.DurableTask.Converters;
using Microsoft.DurableTask.Testing;
using Microsoft.DurableTask.Worker;
using Microsoft.Extensions.DependencyInjection;
using QuantaPilot.Core.Orchestrations;
using QuantaPilot.Core.Ports;
using QuantaPilot.Functions.Durable;

namespace QuantaPilot.Functions.Tests.Support;

/// <summary>Durable Task's own worker and client on its backend in memory, with the converter that the app gives them.</summary>
internal sealed class TaskHub : IAsyncDisposable
{
    private readonly DurableTaskTestHost _host;

    private TaskHub(DurableTaskTestHost host)
    {
        _host = host;
        Accessor.Client = host.Client;
        Client = new DurableOrchestrationClient(Accessor, TimeProvider.System);
    }

    public DurableTaskClient Hub => _host.Client;

    public DurableClientAccessor Accessor { get; } = new();

    public IOrchestrationClient Client { get; }

    public static async Task<TaskHub> StartAsync(Action<DurableTaskRegistry> register)
    {
        var options = new DurableTaskTestHostOptions
        {
            Port = FreePort(),
            ConfigureServices = services => services
                .Configure<DurableTaskWorkerOptions>(worker => worker.DataConverter = new JsonDataConverter(WorkerJson.Options))
                .Configure<DurableTaskClientOptions>(client => client.DataConverter = new JsonDataConverter(WorkerJson.Options)),
        };
        return new TaskHub(await DurableTaskTestHost.StartAsync(register, options));
    }

    /// <summary>Starts one orchestration on a hub of its own.</summary>
    /// <param name="run">Its code, over the context that the app makes.</param>
    /// <param name="register">What else there is.</param>
    /// <param name="input">Its input.</param>
    public static async Task<Instance> RunAsync<TOutput>(
        Func<IOrchestrationContext, Task<TOutput>> run, Action<DurableTaskRegistry>? register = null, object? input = null)
    {
        const string Name = "test";
        var hub = await StartAsync(registry =>
        {
            registry.AddOrchestration(Name, run);
            register?.Invoke(registry);
        });
        Assert.True(await hub.Client.StartAsync(Name, "1", input ?? "", default));
        return new Instance(hub, "1");
    }

    /// <summary>Waits for the end of an instance.</summary>
    public async Task<OrchestrationState> EndOfAsync(string instanceId)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        await Hub.WaitForInstanceCompletionAsync(instanceId, patience.Token);
        return (await Client.GetAsync(instanceId, default))!;
    }

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}

/// <summary>A running orchestration.</summary>
internal sealed class Instance(TaskHub hub, string id) : IAsyncDisposable
{
    public TaskHub TaskHub => hub;

    public async Task RaiseAsync(string name, object? payload) => Assert.True(await hub.Client.RaiseEventAsync(id, name, payload, default));

    /// <summary>Its result.</summary>
    public async Task<T> ResultAsync<T>()
    {
        var state = await hub.EndOfAsync(id);
        Assert.True(state.Status == OrchestrationStatus.Completed, $"{state.Status}: {state.Failure}");
        return JsonSerializer.Deserialize<T>(state.OutputJson!)!;
    }

    public ValueTask DisposeAsync() => hub.DisposeAsync();
}

internal static class Registrations
{
    public static void AddOrchestration<TOutput>(
        this DurableTaskRegistry registry, string name, Func<IOrchestrationContext, Task<TOutput>> run) =>
        registry.AddOrchestrator(name, () => new Orchestrator<TOutput>(run));

    /// <summary>As the trigger gets it: with an input whose type is asked for later.</summary>
    private sealed class Orchestrator<TOutput>(Func<IOrchestrationContext, Task<TOutput>> run) : TaskOrchestrator<JsonElement, TOutput>
    {
        public override Task<TOutput> RunAsync(TaskOrchestrationContext context, JsonElement input) =>
            run(new DurableOrchestrationContext(context));
    }
}

internal static class Faults
{
    /// <summary>What a task ends in. For orchestrations, where the assertions of xunit would leave the thread.</summary>
    public static async Task<Exception?> FaultAsync(this Task task)
    {
        try
        {
            await task;
            return null;
        }
#pragma warning disable CA1031 // That is the point.
        catch (Exception e)
#pragma warning restore CA1031
        {
            return e;
        }
    }
}
