using QuantaPilot.Core.Orchestrations;
using QuantaPilot.Core.Ports;
using QuantaPilot.Engine.Tests.Support;

namespace QuantaPilot.Engine.Tests.Semantics;

public sealed class SubOrchestrationTests
{
    private static OrchestrationRegistry Registry() => new OrchestrationRegistry()
        .AddOrchestration("parent", async context =>
        {
            try
            {
                return await context.CallSubOrchestrationAsync<string>("child", "child-1", context.GetInput<string>());
            }
            catch (ActivityFailedException e)
            {
                return $"{e.Name}|{e.ErrorType}|{e.ErrorMessage}";
            }
        })
        .AddOrchestration("child", async context => context.GetInput<string>() switch
        {
            "fail" => throw new InvalidDataException("child broke"),
            "wait" => "got " + await context.WaitForExternalEventAsync<string>("e"),
            var text => $"{context.InstanceId} says {text}",
        });

    [Fact]
    public async Task CallSubOrchestrationAsync_Completes_ReturnsItsResult()
    {
        await using var host = await EngineHost.StartAsync(Registry());

        Assert.Equal("child-1 says hello", await host.RunAsync<string>("parent", "hello"));
        Assert.Equal(0, host.Count("hub_inbox"));
    }

    [Fact]
    public async Task CallSubOrchestrationAsync_Fails_ThrowsWithItsError()
    {
        await using var host = await EngineHost.StartAsync(Registry());

        Assert.Equal("child|System.IO.InvalidDataException|child broke", await host.RunAsync<string>("parent", "fail"));
        Assert.Equal(OrchestrationStatus.Failed, host.Get("child-1").Status);
    }

    [Fact]
    public async Task CallSubOrchestrationAsync_RestartBetween_GoesOn()
    {
        await using var host = await EngineHost.StartAsync(Registry());
        await host.StartAsync("parent", "wait");
        await host.Hub.CommitAsync(commit => commit.Parent is not null);
        await host.RestartAsync();
        await host.RaiseAsync("e", "it", "child-1");

        Assert.Equal("got it", await host.OutputAsync<string>());
    }

    [Fact]
    public async Task CallSubOrchestrationAsync_Terminated_ThrowsWithTheReason()
    {
        await using var host = await EngineHost.StartAsync(Registry());
        await host.StartAsync("parent", "wait");
        await host.Hub.CommitAsync(commit => commit.Parent is not null);
        await host.Engine.TerminateAsync("child-1", "enough", default);

        Assert.Equal("child|Terminated|enough", await host.OutputAsync<string>());
    }

    [Fact]
    public async Task CallSubOrchestrationAsync_IdTaken_ThrowsAndLeavesTheOtherAsItIs()
    {
        await using var host = await EngineHost.StartAsync(Registry());
        await host.RunAsync<string>("child", "first", "child-1");

        Assert.Equal(
            "child|System.InvalidOperationException|There is already an instance 'child-1'.", await host.RunAsync<string>("parent", "second"));
        Assert.Equal("\"child-1 says first\"", host.Get("child-1").OutputJson);
    }

    [Fact]
    public async Task CallSubOrchestrationAsync_ParentEndedBefore_ChildEndsByItself()
    {
        await using var host = await EngineHost.StartAsync(Registry());
        await host.StartAsync("parent", "wait");
        await host.Hub.CommitAsync(commit => commit.Parent is not null);
        await host.Engine.TerminateAsync("i1", "gone", default);
        await host.RaiseAsync("e", "it", "child-1");

        Assert.Equal("got it", await host.OutputAsync<string>("child-1"));
        Assert.Equal(0, host.Count("hub_inbox"));
    }
}
