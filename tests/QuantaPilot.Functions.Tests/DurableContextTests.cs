using System.Text.Json;
using Microsoft.DurableTask;
using Microsoft.DurableTask.Client;
using Moq;
using QuantaPilot.Core.Orchestrations;
using QuantaPilot.Functions.Durable;
using QuantaPilot.Functions.Tests.Support;

namespace QuantaPilot.Functions.Tests;

/// <summary>The semantics of <see cref="IOrchestrationContext"/>, on Durable Task.</summary>
public sealed class DurableContextTests
{
    [Fact]
    public async Task ExternalEvents_BeforeAndBetweenWaits_ComeInOrderOfArrival()
    {
        await using var host = await DurableHost.StartAsync("collect", async context =>
        {
            await context.WaitForExternalEventAsync<string>("go");
            var first = context.WaitForExternalEventAsync<string>("item");
            var second = context.WaitForExternalEventAsync<string>("ITEM");
            return $"{await first}{await second}{await context.WaitForExternalEventAsync<string>("item")}";
        });
        await StartAsync(host, "collect");

        foreach (var (name, item) in new[] { ("item", "a"), ("item", "b"), ("go", ""), ("item", "c") })
            Assert.True(await host.Client.RaiseEventAsync("x", name, item, default));

        Assert.Equal((OrchestrationRuntimeStatus.Completed, "\"abc\""), await host.EndAsync("x"));
    }

    [Fact]
    public async Task ExternalEvent_AfterItsWaitWasCancelled_GoesToTheNextWait()
    {
        await using var host = await DurableHost.StartAsync("cancel", async context =>
        {
            using var cancellation = new CancellationTokenSource();
            var abandoned = context.WaitForExternalEventAsync<string>("item", cancellation.Token);
            cancellation.Cancel();
            var cancelled = false;
            try
            {
                await abandoned;
            }
            catch (OperationCanceledException)
            {
                cancelled = true;
            }
            await context.WaitForExternalEventAsync<string>("go");
            return $"{cancelled} {await context.WaitForExternalEventAsync<string>("item")}";
        });
        await StartAsync(host, "cancel");

        await host.Client.RaiseEventAsync("x", "item", "kept", default);
        await host.Client.RaiseEventAsync("x", "go", "", default);

        Assert.Equal((OrchestrationRuntimeStatus.Completed, "\"True kept\""), await host.EndAsync("x"));
    }

    [Fact]
    public async Task ContinueAsNew_WithAnEventOfAnAbandonedWait_SendsItOnAndKeepsTheOthers()
    {
        // On a mock: the in-process host loses its way when an orchestration continues as new. What arrives goes on at once then.
        SynchronizationContext.SetSynchronizationContext(null);
        var arriving = new TaskCompletionSource<JsonElement>();
        var calls = new List<string>();
        var durable = new Mock<TaskOrchestrationContext>();
        durable.Setup(c => c.InstanceId).Returns("x");
        durable.Setup(c => c.WaitForExternalEvent<JsonElement>("item", CancellationToken.None)).Returns(arriving.Task);
        durable.Setup(c => c.SendEvent("x", "item", It.IsAny<object>())).Callback((string _, string _, object payload) => calls.Add($"send {payload}"));
        durable.Setup(c => c.ContinueAsNew(1, true)).Callback(() => calls.Add("continue"));
        var context = new DurableOrchestrationContext(durable.Object);
        using var cancellation = new CancellationTokenSource();
        var abandoned = context.WaitForExternalEventAsync<string>("item", cancellation.Token);
        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => abandoned);

        arriving.SetResult(JsonSerializer.SerializeToElement("a"));
        context.ContinueAsNew(1);

        Assert.Equal(["send a", "continue"], calls);
    }

    [Fact]
    public async Task Activity_ThatThrows_FailsWithTypeAndMessageOfItsException()
    {
        await using var host = await DurableHost.StartAsync(registry =>
        {
            DurableHost.Add(registry, "call", async context =>
            {
                var e = await Assert.ThrowsAsync<ActivityFailedException>(() => context.CallActivityAsync<string>("fail", "why"));
                return $"{e.Name} {e.ErrorType} {e.ErrorMessage}";
            });
            registry.AddActivityFunc<string, string>("fail", string (_, why) => throw new FormatException(why));
        });
        await StartAsync(host, "call");

        Assert.Equal((OrchestrationRuntimeStatus.Completed, "\"fail System.FormatException why\""), await host.EndAsync("x"));
    }

    [Fact]
    public async Task SubOrchestration_OfALargeInput_AnswersIt()
    {
        var payload = new string('x', 1024 * 1024);
        await using var host = await DurableHost.StartAsync(registry =>
        {
            DurableHost.Add(registry, "parent", context => context.CallSubOrchestrationAsync<string>("child", "child-of-x", context.GetInput<string>()));
            DurableHost.Add(registry, "child", context => Task.FromResult(context.GetInput<string>()));
        });
        await StartAsync(host, "parent", payload);

        Assert.Equal((OrchestrationRuntimeStatus.Completed, $"\"{payload}\""), await host.EndAsync("x"));
        Assert.Equal("child", (await host.Client.GetAsync("child-of-x", default))!.Name);
    }

    [Fact]
    public async Task Timer_Cancelled_ThrowsAndLeavesTheInstanceFreeToEnd()
    {
        await using var host = await DurableHost.StartAsync("time", async context =>
        {
            var start = context.UtcNow;
            using var cancellation = new CancellationTokenSource();
            var far = context.CreateTimerAsync(start.AddDays(7), cancellation.Token);
            await context.CreateTimerAsync(start.AddMilliseconds(20), CancellationToken.None);
            cancellation.Cancel();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => far);
            return context.UtcNow >= start.AddMilliseconds(20) && context.NewGuid() != context.NewGuid();
        });
        await StartAsync(host, "time");

        Assert.Equal((OrchestrationRuntimeStatus.Completed, "true"), await host.EndAsync("x"));
    }

    private static async Task StartAsync(DurableHost host, string name, object? input = null) =>
        Assert.True(await host.Client.StartAsync(name, "x", input, default));
}
