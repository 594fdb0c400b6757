using QuantaPilot.Engine.Storage;
using QuantaPilot.Engine.Tests.Support;

namespace QuantaPilot.Engine.Tests.Crashes;

/// <summary>A crash at one write of an engine's life, counted from 1.</summary>
internal sealed record CrashPoint(int Write, bool AfterCommit);

/// <summary>Runs a plan on engines that crash one after the other, and on a last one that does not.</summary>
internal static class PlanRunner
{
    /// <returns>The output, and how many of the crashes came about before the plan's end.</returns>
    public static async Task<(string Output, int Crashes)> RunAsync(Plan plan, params IEnumerable<CrashPoint> crashes)
    {
        await using var host = await EngineHost.StartAsync(PlanOrchestration.Registry);
        var happened = 0;
        foreach (var crash in crashes)
        {
            await host.RestartAsync(hub: store => Hub(host, store, crash));
            if (!await DriveUntilCrashAsync(host, plan)) break;
            happened++;
        }
        await host.RestartAsync(hub: store => Hub(host, store, null));
        await DriveAsync(host, plan);
        return (await host.OutputAsync<string>(), happened);
    }

    private static TestHub Hub(EngineHost host, ITaskHub store, CrashPoint? crash) => new(store)
    {
        CrashAt = crash?.Write ?? 0,
        CrashAfterCommit = crash?.AfterCommit ?? false,
        Committed = commit =>
        {
            // Nobody waits for a timer: its time comes as soon as it is set.
            if (commit.NextDue is { } due) PassTo(host, due);
        },
    };

    private static void PassTo(EngineHost host, DateTimeOffset time)
    {
        lock (host)
        {
            var now = host.Clock.GetUtcNow();
            if (time > now) host.Clock.Advance(time - now);
        }
    }

    private static async Task DriveAsync(EngineHost host, Plan plan)
    {
        // Timers of commits whose answer the crash swallowed.
        while (host.Hub.FindDue(host.Clock.GetUtcNow()).Next is { } due) PassTo(host, due);
        await host.StartAsync("plan", plan);
        foreach (var name in PlanOrchestration.Events(plan)) await host.RaiseAsync(name, $"<{name}>");
    }

    private static async Task<bool> DriveUntilCrashAsync(EngineHost host, Plan plan)
    {
        try
        {
            await DriveAsync(host, plan);
            await await Task.WhenAny(host.Hub.Crashed, host.EndAsync());
        }
        catch (CrashException)
        {
            // The client's call was the one that the crash hit; it repeats it on the next engine.
        }
        return host.Hub.Crashed.IsCompleted;
    }
}
