using System.Diagnostics;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace QuantaPilot.Testing.Watching;

/// <summary>
/// Sees each host of this process when it is built, whoever builds it, as the tools of ASP.NET Core do: through the event that
/// Microsoft.Extensions.Hosting tells of it. The product's log lines and answers are shown to <see cref="Leaks"/>, and so are the bodies
/// that the servers of a test are sent: those are what the product sends out.
/// </summary>
public sealed class WatchedHosts : IObserver<DiagnosticListener>, IObserver<KeyValuePair<string, object?>>
{
    private const string Hosting = "Microsoft.Extensions.Hosting";

    private WatchedHosts()
    {
    }

    /// <summary>From now on.</summary>
    public static void Install() => DiagnosticListener.AllListeners.Subscribe(new WatchedHosts());

    public void OnNext(DiagnosticListener value)
    {
        if (value.Name == Hosting) value.Subscribe(this);
    }

    public void OnNext(KeyValuePair<string, object?> value)
    {
        // Last of all, so that no host clears it away.
        if (value is { Key: "HostBuilding", Value: IHostBuilder builder }) builder.ConfigureServices((_, services) => Watch(services));
    }

    public void OnCompleted()
    {
        // Each host has a listener of its own.
    }

    public void OnError(Exception error) => throw new InvalidOperationException("A host could not be watched.", error);

    private static void Watch(IServiceCollection services)
    {
        var isProduct = Has(services, "QuantaPilot.Api");
        var isTaskHub = Has(services, "Microsoft.DurableTask");
        if (isProduct || isTaskHub) services.AddSingleton<ILoggerProvider, CheckedLogs>();
        // What is sent to a task hub is the app's own, and a server in the product's place is told what only the product may know.
        if (!isProduct && (isTaskHub || services.Any(service => service.ServiceType == typeof(StandIn)))) return;
        // The first is the outermost.
        services.Insert(0, ServiceDescriptor.Singleton<IStartupFilter>(new WatchedTraffic(isProduct)));
    }

    private static bool Has(IServiceCollection services, string assembly) => services.Any(
        service => service.ServiceType.Assembly.GetName().Name!.StartsWith(assembly, StringComparison.Ordinal));
}

/// <summary>Among the services of a server that a test puts in the product's place: what it is sent is nothing that is published.</summary>
public sealed class StandIn;
