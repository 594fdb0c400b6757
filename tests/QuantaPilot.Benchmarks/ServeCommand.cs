using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using QuantaPilot.Api.Limits;
using QuantaPilot.Core.Ports;
using QuantaPilot.Host.Server;

namespace QuantaPilot.Benchmarks;

/// <summary>The real API, authentication, engine, store and events over <see cref="NoWork"/>.</summary>
internal static class ServeCommand
{
    /// <param name="url">Where to listen.</param>
    /// <param name="data">The data directory.</param>
    /// <param name="bare">True to serve <see cref="BareRuns"/> too.</param>
    /// <param name="real">True to work on real repositories of this machine.</param>
    public static async Task RunAsync(string url, string data, bool bare, bool real)
    {
        var noWork = new NoWork();
        await using var server = await QuantaPilotServer.StartAsync(
            new ServerOptions
            {
                Url = url,
                DataDirectory = data,
                AllowedRepositories = real ? ["file://*", "http://127.0.0.1:*"] : ServerOptions.DefaultRepositories,
                // As qp serve has it.
                Metrics = true,
                AllowedWebhookHosts = ["127.0.0.1"],
                // One token drives it all: counted like any other, never refused.
                RateLimits = new RateLimitOptions().With(["triggers=1000000", "decisions=1000000", "reads=1000000"]),
                ConfigureServices = services =>
                {
                    if (bare) services.AddSingleton<IStartupFilter, BareRuns>();
                    if (real) return;
                    foreach (var port in new[] { typeof(IForge), typeof(IAgent), typeof(ICheckRunner) })
                    {
                        foreach (var registered in services.Where(s => s.ServiceType == port).ToList()) services.Remove(registered);
                        services.AddSingleton(port, noWork);
                    }
                },
            },
            CancellationToken.None);
        await Console.Error.WriteLineAsync($"listening on {server.Url}; token in {Path.Combine(data, "admin.token")}");
        await server.WaitForShutdownAsync();
    }
}
