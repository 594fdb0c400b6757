using QuantaPilot.Engine.Tests.Support;

namespace QuantaPilot.Engine.Tests;

/// <summary>Inputs, results and events of orchestrations are others' data. The suite's last test looks through the log for them.</summary>
public sealed class SecrecyTests
{
    [Fact]
    public async Task Payloads_OfAWholeLife_AreInNoLogLine()
    {
        var lines = Leaks.Lines;
        var observer = new StuckRecorder();
        await using var host = await EngineHost.StartAsync(Registry("a"), new EngineOptions { Observer = observer });
        await host.StartAsync("o", Planted.Text);
        await host.RaiseAsync("e", Planted.Text);
        await host.Hub.CommitAsync(commit => commit.TurnNumber == 2);

        await host.RestartAsync(Registry("b"));
        await host.RaiseAsync("e", Planted.Text);
        await observer.StuckAsync();
        await host.RestartAsync(Registry("a"));
        await host.RaiseAsync("e", Planted.Text);

        Assert.Equal(Planted.Text, await host.OutputAsync<string>());
        Assert.True(Leaks.Lines > lines);
    }

    private static OrchestrationRegistry Registry(string activity) => new OrchestrationRegistry()
        .AddOrchestration("o", async context =>
        {
            var said = await context.CallActivityAsync<string>(activity, context.GetInput<string>());
            for (var i = 0; i < 3; i++) await context.WaitForExternalEventAsync<string>("e");
            return said;
        })
        .AddActivity<string, string>(activity, (_, text) => Task.FromResult(text));
}
