using System.Diagnostics;
using Microsoft.Extensions.Logging.Abstractions;
using QuantaPilot.Core.Contracts;
using QuantaPilot.Core.Runs;
using QuantaPilot.Engine;
using QuantaPilot.Engine.Storage;

namespace QuantaPilot.Benchmarks;

/// <summary>An orchestration whose history grows to 5,000 events: how long it takes, and how long to replay it after a restart.</summary>
internal static class HistoryFigures
{
    /// <summary>Each activity is two events: scheduled and completed.</summary>
    private const int Activities = 2_500;

    public static async Task RunAsync()
    {
        var data = Figures.NewDirectory();
        try
        {
            var path = Path.Combine(data, "history.db");
            var registry = new OrchestrationRegistry();
            var reachedTheEnd = new TaskCompletionSource();
            registry.AddActivity<RunError, RunError>("step", (_, input) => Task.FromResult(input));
            registry.AddOrchestration("long", async context =>
            {
                for (var i = 0; i < Activities; i++) await context.CallActivityAsync<RunError>("step", new RunError("code", "message"));
                await context.CallActivityAsync<RunError>("reached", new RunError("code", "message"));
                return await context.WaitForExternalEventAsync<RunError>("go");
            });
            registry.AddActivity<RunError, RunError>("reached", (_, input) =>
            {
                reachedTheEnd.TrySetResult();
                return Task.FromResult(input);
            });

            var clock = Stopwatch.StartNew();
            await WithEngineAsync(path, registry, async engine =>
            {
                await engine.StartAsync("long", "a", null, CancellationToken.None);
                await reachedTheEnd.Task;
            });
            var grown = clock.Elapsed;
            await WithEngineAsync(path, registry, async engine =>
            {
                clock.Restart();
                await engine.RaiseEventAsync("a", "go", new RunError("code", "message"), CancellationToken.None);
                await engine.WaitForEndAsync("a", CancellationToken.None);
            });
            Figures.Print($"{2 * Activities} events one after another: {grown.TotalSeconds:F2} s, {Activities / grown.TotalSeconds:F0} activities per second");
            Figures.Print($"event to end after a restart, replaying {2 * Activities} events: {clock.Elapsed.TotalMilliseconds:F0} ms");
        }
        finally
        {
            Directory.Delete(data, recursive: true);
        }
    }

    private static async Task WithEngineAsync(string path, OrchestrationRegistry registry, Func<EmbeddedEngine, Task> work)
    {
        using var file = SqliteFile.Open(path, EmbeddedEngine.Schema);
        await using var engine = new EmbeddedEngine(
            file, registry, new EngineOptions { Json = CoreJson.Default.Options }, TimeProvider.System, NullLogger<EmbeddedEngine>.Instance);
        await engine.StartAsync(CancellationToken.None);
        await work(engine);
        await engine.StopAsync(CancellationToken.None);
    }
}
