using QuantaPilot.Core.Ports;
using QuantaPilot.Functions.Tests.Support;

namespace QuantaPilot.Functions.Tests;

/// <summary>The semantics of <see cref="IOrchestrationClient"/>, on Durable Task.</summary>
public sealed class DurableClientTests : IAsyncLifetime
{
    private DurableHost _host = null!;

    public async Task InitializeAsync() => _host = await DurableHost.StartAsync("echo", async context =>
    {
        await context.WaitForExternalEventAsync<string>("go");
        return context.GetInput<string>();
    });

    public async Task DisposeAsync() => await _host.DisposeAsync();

    [Fact]
    public async Task Start_OfALiveInstance_LeavesItAsItIs()
    {
        Assert.True(await StartAsync("first"));
        Assert.False(await StartAsync("second"));

        await _host.Client.RaiseEventAsync("x", "go", "", default);

        Assert.Equal("\"first\"", (await _host.EndAsync("x")).Output);
    }

    [Fact]
    public async Task Start_OfAnEndedInstance_LeavesItAsItIs()
    {
        await StartAsync("first");
        await _host.Client.RaiseEventAsync("x", "go", "", default);
        await _host.EndAsync("x");

        Assert.False(await StartAsync("second"));

        var state = (await _host.Client.GetAsync("x", default))!;
        Assert.Equal((OrchestrationStatus.Completed, "\"first\""), (state.Status, state.OutputJson));
    }

    [Fact]
    public async Task Start_ManyAtOnce_StartsOne()
    {
        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(i => StartAsync($"{i}")));

        Assert.Single(answers, started => started);
    }

    [Fact]
    public async Task RaiseAndTerminate_WithoutAnUnfinishedInstance_AnswerFalse()
    {
        Assert.False(await _host.Client.RaiseEventAsync("nobody", "go", "", default));
        Assert.False(await _host.Client.TerminateAsync("nobody", "why", default));
        Assert.Null(await _host.Client.GetAsync("nobody", default));
        await StartAsync("first");
        Assert.Equal(OrchestrationStatus.Running, (await _host.Client.GetAsync("x", default))!.Status);

        Assert.True(await _host.Client.TerminateAsync("x", "why", default));
        await _host.EndAsync("x");

        Assert.False(await _host.Client.RaiseEventAsync("x", "go", "", default));
        Assert.False(await _host.Client.TerminateAsync("x", "why", default));
        Assert.Equal(OrchestrationStatus.Terminated, (await _host.Client.GetAsync("x", default))!.Status);
    }

    [Fact]
    public async Task Purge_OfAnEndedInstanceOnly_RemovesIt()
    {
        await StartAsync("first");
        Assert.False(await _host.Client.PurgeAsync("x", default));
        await _host.Client.RaiseEventAsync("x", "go", "", default);
        await _host.EndAsync("x");

        Assert.True(await _host.Client.PurgeAsync("x", default));
        Assert.Null(await _host.Client.GetAsync("x", default));
        Assert.False(await _host.Client.PurgeAsync("x", default));
    }

    private Task<bool> StartAsync(string input) => _host.Client.StartAsync("echo", "x", input, default);
}
