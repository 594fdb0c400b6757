using QuantaPilot.Host.Tests.Histories;

namespace QuantaPilot.Host.Tests;

/// <summary>Runs on the standalone host whose store is away for a while.</summary>
public sealed class OutageTests
{
    [Fact]
    public async Task Run_StoreIsAwayForMinutesInMidStep_GoesOnWithoutLoss()
    {
        await using var recorder = await RunRecorder.StartAsync();
        var client = recorder.Client;
        var runId = await client.StartRunAsync(recorder.Repository("project", ("README.md", "# Sample\n")).Url);
        await client.WaitForEventAsync(runId, "gate_requested");

        await recorder.OutlastAsync(runId, times: 30, () => client.DecideAsync(runId, "anchor", true));

        var ended = await client.WaitForEndAsync(runId);
        Assert.True(ended.GetProperty("status").GetString() == "completed", ended.ToString());
        Assert.Equal(
            ["run_started", "documentation_generated", "gate_requested", "gate_decision", "run_completed"],
            await client.ReadLogNamesAsync(runId));
    }
}
