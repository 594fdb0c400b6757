using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using QuantaPilot.Host.Server;
using QuantaPilot.Testing.Watching;

namespace QuantaPilot.Host.Tests;

/// <summary>That a leak of the standalone host would be found, however a test reads it.</summary>
public sealed class SecrecyTests : IDisposable
{
    private readonly TempDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task Secret_ThatTheHostAnswersStreamsOrLogs_WouldBeFound()
    {
        var probe = Leaks.Probe();
        await using var server = await QuantaPilotServer.StartAsync(
            new ServerOptions
            {
                DataDirectory = _directory.Combine("data"),
                Url = "http://127.0.0.1:0",
                // As one that keeps its lines to itself.
                ConfigureServices = services => services.AddLogging(logging => logging.ClearProviders())
                    .AddSingleton<IStartupFilter>(new Leak(probe.Token)),
            },
            default);
        using var http = new HttpClient { BaseAddress = new Uri(server.Url) };

        foreach (var path in new[] { "body", "header", "stream" })
            (await http.GetAsync(new Uri(path, UriKind.Relative))).EnsureSuccessStatusCode();
        Leaky.Log(probe, server.Services.GetRequiredService<ILogger<QuantaPilotServer>>());

        Assert.Equal(
            ["The answer to GET /body", "The headers of the answer to GET /header", "The answer to GET /stream", "A log line"],
            probe.Found.Select(fault => fault.Split(" holds ")[0]).Distinct());
    }

    /// <summary>Answers with a token in all the ways there are.</summary>
    private sealed class Leak(string token) : IStartupFilter
    {
        public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
        {
            app.Map("/body", leak => leak.Run(context => context.Response.WriteAsync(token)));
            app.Map("/header", leak => leak.Run(context =>
            {
                context.Response.Headers["X-Token"] = token;
                return Task.CompletedTask;
            }));
            app.Map("/stream", leak => leak.Run(async context =>
            {
                // Neither part is a token.
                await context.Response.WriteAsync($"data: {token[..20]}");
                await context.Response.Body.FlushAsync();
                await context.Response.WriteAsync($"{token[20..]}\n\n");
            }));
            next(app);
        };
    }
}
