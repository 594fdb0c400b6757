using System.Net;
using System.Reflection;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Moq;
using QuantaPilot.Core.Orchestrations;
using QuantaPilot.Functions.Durable;
using QuantaPilot.Functions.Http;
using QuantaPilot.Functions.Settings;
using QuantaPilot.Testing;

namespace QuantaPilot.Functions.Tests.Support;

/// <summary>
/// The whole app with all of its functions: its own services over Azure Storage's emulator, its activities and orchestrations on Durable
/// Task in memory, its HTTP triggers on loopback. Only the Functions host and its worker are not there.
/// </summary>
internal sealed class RunningApp : IAsyncDisposable
{
    private const string Token = "qp_0123456789abcdefghijABCDEFGHIJ0123456789abc";

    private readonly Azurite _storage;
    private readonly WebApplication _app;
    private TaskHub? _hub;

    private RunningApp(Azurite storage, WebApplication app)
    {
        _storage = storage;
        _app = app;
    }

    public Uri Url => new(_app.Urls.Single());

    /// <param name="settings">What the app is set to, by names below <c>QuantaPilot</c>.</param>
    public static async Task<RunningApp> StartAsync(IReadOnlyDictionary<string, string> settings)
    {
        var storage = await Azurite.StartAsync();
        var values = settings.ToDictionary(setting => $"QuantaPilot:{setting.Key}", setting => (string?)setting.Value);
        values["AzureWebJobsStorage"] = storage.ConnectionString;
        values["QuantaPilot:BootstrapToken"] = Token;
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        builder.Logging.ClearProviders();
        builder.Services.AddQuantaPilot(AppSettings.Read(new ConfigurationBuilder().AddInMemoryCollection(values).Build()));
        var app = new RunningApp(storage, builder.Build());
        app._hub = await TaskHub.StartAsync(app.Register);
        app.MapTriggers();
        await app._app.StartAsync();
        return app;
    }

    /// <summary>A caller with the bootstrap token.</summary>
    public QpClient NewClient() => new(Url, Token);

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        if (_hub is not null) await _hub.DisposeAsync();
        await _app.DisposeAsync();
        await _storage.DisposeAsync();
    }

    private void MapTriggers()
    {
        _app.UseRouting();
        var functions = ActivatorUtilities.CreateInstance<ApiFunctions>(_app.Services);
        foreach (var method in typeof(ApiFunctions).GetMethods())
        {
            if (method.GetParameters() is not [var request, .. var others]) continue;
            if (request.GetCustomAttribute<HttpTriggerAttribute>() is not { Methods: { } methods } trigger) continue;
            _app.MapMethods($"/{trigger.Route}", methods, context =>
                (Task)method.Invoke(functions, [context.Request, .. others.Select(_ => _hub!.Hub)])!);
        }
    }

    private void Register(DurableTaskRegistry registry)
    {
        registry.AddOrchestration(RunOrchestration.Name, RunOrchestration.RunAsync);
        registry.AddOrchestration(DeliveryOrchestration.Name, DeliveryOrchestration.RunAsync);
        foreach (var type in (Type[])[typeof(RunFunctions), typeof(AdmissionFunctions), typeof(DeliveryFunctions)])
        {
            var functions = new Lazy<object>(() => ActivatorUtilities.CreateInstance(_app.Services, type));
            foreach (var method in type.GetMethods())
            {
                if (method.GetParameters() is not [var input, ..] || input.GetCustomAttribute<ActivityTriggerAttribute>() is null) continue;
                typeof(RunningApp).GetMethod(nameof(AddActivity), BindingFlags.NonPublic | BindingFlags.Instance)!
                    .MakeGenericMethod(input.ParameterType, method.ReturnType.GetGenericArguments().Single())
                    .Invoke(this, [registry, functions, method]);
            }
        }
    }

    private void AddActivity<TInput, TOutput>(DurableTaskRegistry registry, Lazy<object> functions, MethodInfo method) =>
        registry.AddActivityFunc<TInput, TOutput>(
            method.GetCustomAttribute<FunctionAttribute>()!.Name,
            (_, input) => (Task<TOutput>)method.Invoke(functions.Value, [input, _hub!.Hub, Mock.Of<FunctionContext>()])!);
}
