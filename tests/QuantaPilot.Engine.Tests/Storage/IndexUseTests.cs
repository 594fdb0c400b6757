using QuantaPilot.Engine.Storage;
using QuantaPilot.Engine.Tests.Support;

namespace QuantaPilot.Engine.Tests.Storage;

/// <summary>A hub may hold any number of ended instances: no statement may walk them.</summary>
public sealed class IndexUseTests
{
    private const string Unfinished = "SCAN hub_instances USING INDEX hub_instances_unfinished";

    [Fact]
    public async Task Hub_FindsWhatToDo_InTheIndexOfUnfinishedInstancesOnly()
    {
        await using var host = await EngineHost.StartAsync(new OrchestrationRegistry());
        var hub = new SqliteTaskHub(host.File);
        var recorder = host.File.Read(session => new StatementRecorder(session.Connection));
        hub.FindRecoverable();
        hub.FindDue(host.Clock.GetUtcNow());

        var recoverable = Assert.Single(recorder.PlansOf("UNION"));
        Assert.Contains(recoverable, step => step.StartsWith(Unfinished, StringComparison.Ordinal));
        // Whatever lies in the inbox is wanted.
        Assert.DoesNotContain(recoverable, step => step.StartsWith("SCAN", StringComparison.Ordinal)
            && !step.StartsWith(Unfinished, StringComparison.Ordinal) && !step.StartsWith("SCAN hub_inbox", StringComparison.Ordinal));
        var due = recorder.PlansOf("next_due_at");
        Assert.Equal(2, due.Count);
        Assert.All(due, plan => Assert.Contains("SEARCH hub_instances USING", plan[^1], StringComparison.Ordinal));
    }

    [Fact]
    public async Task Hub_WorksOnOneInstance_ByKey()
    {
        await using var host = await EngineHost.StartAsync(new OrchestrationRegistry()
            .AddOrchestration("parent", async context => await context.CallSubOrchestrationAsync<int>("child", "c", null))
            .AddOrchestration("child", async context => await context.WaitForExternalEventAsync<int>("e")));
        var writes = await host.File.WriteAsync(session => new StatementRecorder(session.Connection));
        await host.StartAsync("parent");
        await host.Hub.CommitAsync(commit => commit.Children.Count == 1);
        await host.RaiseAsync("e", 1, "c");
        Assert.Equal(1, await host.OutputAsync<int>());
        await host.StartAsync("parent", null, "p2");
        await host.Engine.TerminateAsync("p2", "no longer wanted", default);
        await host.Engine.PurgeAsync("p2", default);
        var hub = new SqliteTaskHub(host.File);
        await hub.MarkStuckAsync(1, 0, "stuck", host.Clock.GetUtcNow());
        var reads = host.File.Read(session => new StatementRecorder(session.Connection));
        hub.Load(1);
        hub.ReadInbox(1);
        hub.Get("c");
        hub.Export("c");

        var written = await host.File.WriteAsync(_ => writes.PlansOf("hub_"));
        var read = reads.PlansOf("hub_");

        // At least: the engine may still be reading what was woken.
        Assert.True(written.Count >= 10 && read.Count >= 5, $"{written.Count} and {read.Count} statements");
        Assert.All(
            written.Concat(read), plan => Assert.DoesNotContain(plan, step => step.StartsWith("SCAN hub_", StringComparison.Ordinal)));
    }
}
