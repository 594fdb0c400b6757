using System.Reflection;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask;
using Microsoft.DurableTask.Client;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Moq;
using QuantaPilot.Core.Orchestrations;
using QuantaPilot.Functions.Durable;
using QuantaPilot.Functions.Http;
using QuantaPilot.Functions.Settings;

namespace QuantaPilot.Functions.Tests.Support;

/// <summary>
/// The whole app as it serves: what Program composes, its triggers at their routes over HTTP on loopback, its orchestrations and
/// activities on Durable Task's backend in memory. Only the Functions host between them is not there.
/// </summary>
internal sealed class AppInProcess : IAsyncDisposable
{
    private const BindingFlags Any = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Static | BindingFlags.Instance;
    private static readonly IReadOnlyList<MethodInfo> _functions =
        [.. typeof(RunFunctions).Assembly.GetTypes().SelectMany(type => type.GetMethods()).Where(method => NameOf(method) is not null)];

    private readonly WebApplication _app;
    private readonly TaskHub _hub;

    private AppInProcess(WebApplication app, TaskHub hub) => (_app, _hub) = (app, hub);

    public Uri Url => new(_app.Urls.Single());

    public IServiceProvider Services => _app.Services;

    /// <param name="settings">The app's, with the names that they have in its environment but for <c>:</c>.</param>
    /// <param name="more">Adds endpoints to those of the app.</param>
    public static async Task<AppInProcess> StartAsync(Dictionary<string, string?> settings, Action<WebApplication>? more = null)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        builder.Logging.AddFilter("Microsoft", LogLevel.Warning);
        builder.Services.AddRoutingCore();
        builder.Services.AddQuantaPilot(AppSettings.Read(new ConfigurationBuilder().AddInMemoryCollection(settings).Build()));
        var app = builder.Build();
        var hub = await TaskHub.StartAsync(registry => Register(registry, app.Services));
        foreach (var function in _functions) MapHttp(app, function, hub.Hub);
        more?.Invoke(app);
        await app.StartAsync();
        return new AppInProcess(app, hub);
    }

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync(new CancellationToken(canceled: true));
        await _hub.DisposeAsync();
        await _app.DisposeAsync();
    }

    private static string? NameOf(MethodInfo method) => method.GetCustomAttribute<FunctionAttribute>()?.Name;

    private static void MapHttp(WebApplication app, MethodInfo function, DurableTaskClient hub)
    {
        if (function.GetParameters()[0].GetCustomAttribute<HttpTriggerAttribute>() is not { } http) return;
        var hasHub = function.GetParameters().Length == 2;
        var functions = ActivatorUtilities.CreateInstance<ApiFunctions>(app.Services);
        RequestDelegate serve = context => (Task)function.Invoke(functions, hasHub ? [context.Request, hub] : [context.Request])!;
        var pattern = "/" + http.Route;
        if (http.Methods is { } methods) app.MapMethods(pattern, methods, serve);
        else app.Map(pattern, serve);
    }

    private static void Register(DurableTaskRegistry registry, IServiceProvider services)
    {
        registry.AddOrchestrator(RunOrchestration.Name, () => new Orchestrator<RunOutcome>(RunFunctions.Run));
        registry.AddOrchestrator(DeliveryOrchestration.Name, () => new Orchestrator<Core.Activities.Done>(DeliveryFunctions.Deliver));
        foreach (var function in _functions)
        {
            if (function.GetParameters()[0].GetCustomAttribute<ActivityTriggerAttribute>() is null) continue;
            var (input, output) = (function.GetParameters()[0].ParameterType, function.ReturnType.GetGenericArguments()[0]);
            typeof(AppInProcess).GetMethod(nameof(AddActivity), Any)!.MakeGenericMethod(input, output)
                .Invoke(null, [registry, services, function]);
        }
    }

    private static void AddActivity<TInput, TOutput>(DurableTaskRegistry registry, IServiceProvider services, MethodInfo function) =>
        registry.AddActivityFunc<TInput, TOutput>(NameOf(function)!, (_, input) =>
        {
            var functions = ActivatorUtilities.CreateInstance(services, function.DeclaringType!);
            var hub = services.GetRequiredService<DurableClientAccessor>().Client;
            return (Task<TOutput>)function.Invoke(functions, [input, hub, Mock.Of<FunctionContext>()])!;
        });

    private sealed class Orchestrator<TOutput>(Func<TaskOrchestrationContext, Task<TOutput>> run) : TaskOrchestrator<JsonElement, TOutput>
    {
        public override Task<TOutput> RunAsync(TaskOrchestrationContext context, JsonElement input) => run(context);
    }
}
