using QuantaPilot.Core.Admission;
using QuantaPilot.Core.Runs;
using QuantaPilot.Functions.Tests.Support;

namespace QuantaPilot.Functions.Tests.Durable;

/// <summary>Limits on the runs that work at once, on Durable Task.</summary>
public sealed class QueueTests
{
    private static readonly ConcurrencyLimits One = new() { Running = 1 };
    private static readonly RunId Other = RunId.From(Guid.NewGuid());

    [Fact]
    public async Task Run_OverTheLimit_WaitsForItsTurnAndGivesItsSlotBackAtItsGate()
    {
        await using var run = await RunHub.StartAsync(new ScriptedForge(), limits: One, before: OccupyAsync);
        await run.UntilAsync(snapshot => snapshot is { Status: RunStatus.Queued, Revision: 1 });
        Assert.Equal(1, (await run.Book.ReadAsync(default)).FindPlace(run.Id, One)!.Position);

        await run.Admissions.LeaveAsync(Other, default);
        await run.UntilAtGateAsync(Gate.Anchor);
        await run.DecideAsync(Gate.Anchor);

        Assert.Equal(RunStatus.Completed, (await run.OutcomeAsync()).Status);
        Assert.Empty((await run.Book.ReadAsync(default)).Entries);
        Assert.Equal(["run_started", "documentation_generated", "gate_requested", "gate_decision", "run_completed"], await run.LogAsync());
    }

    [Fact]
    public async Task Run_CancelledInTheQueue_EndsAndLeavesIt()
    {
        await using var run = await RunHub.StartAsync(new ScriptedForge(), limits: One, before: OccupyAsync);
        await run.UntilAsync(snapshot => snapshot is { Status: RunStatus.Queued, Revision: 1 });

        await run.TellAsync(new(Core.Orchestrations.RunSignalKind.Cancel, "not needed"));

        Assert.Equal(RunStatus.Cancelled, (await run.OutcomeAsync()).Status);
        Assert.Equal(["run_failed"], await run.LogAsync());
        Assert.Equal([Other], (await run.Book.ReadAsync(default)).Entries.Select(entry => entry.RunId));
    }

    [Fact]
    public async Task Recover_TheRunThatHadTheSlotIsGone_LetsTheNextGoOn()
    {
        await using var run = await RunHub.StartAsync(new ScriptedForge(), limits: One, before: OccupyAsync);
        await run.UntilAsync(snapshot => snapshot is { Status: RunStatus.Queued, Revision: 1 });

        await run.Admissions.RecoverAsync(default);

        await run.UntilAtGateAsync(Gate.Anchor);
        Assert.Null((await run.Book.ReadAsync(default)).Find(Other));
    }

    /// <summary>Another run has the only slot.</summary>
    private static Task OccupyAsync(RunHub run) => run.Book.UpdateAsync(
        book => book.Take(Other, new AdmissionKey("https://example.com/other", "main"), 1, One), default);
}
