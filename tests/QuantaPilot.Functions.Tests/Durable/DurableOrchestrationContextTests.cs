using QuantaPilot.Core.Orchestrations;
using QuantaPilot.Functions.Tests.Support;

namespace QuantaPilot.Functions.Tests.Durable;

public sealed class DurableOrchestrationContextTests
{
    private static readonly string _mebibyte = new('x', 1024 * 1024);

    [Fact]
    public async Task GetInput_IsReadAsCoreWritesIt()
    {
        var input = new RunInput(Core.Runs.RunId.From(Guid.NewGuid()), "https://example.com/org/project.git", "main", "qp.yml");
        await using var run = await TaskHub.RunAsync(context => Task.FromResult(context.GetInput<RunInput>().RepoUrl), input: input);
        Assert.Equal(input.RepoUrl, await run.ResultAsync<string>());
    }

    [Fact]
    public async Task CallActivity_Throws_NamesTheActivityAndTheOriginalFault()
    {
        await using var run = await TaskHub.RunAsync(
            async context =>
            {
                var fault = await context.CallActivityAsync<string>("fails", "x").FaultAsync();
                return fault is ActivityFailedException e ? $"{e.Name}|{e.ErrorType}|{e.ErrorMessage}" : $"{fault}";
            },
            registry => registry.AddActivityFunc<string, string>(
                "fails", (_, _) => Task.FromException<string>(new InvalidOperationException("out of cheese"))));
        Assert.Equal("fails|System.InvalidOperationException|out of cheese", await run.ResultAsync<string>());
    }

    [Fact]
    public async Task CallActivity_PayloadsOfAMebibyte_ArriveWhole()
    {
        await using var run = await TaskHub.RunAsync(
            async context => (await context.CallActivityAsync<string>("echo", _mebibyte)).Length,
            registry => registry.AddActivityFunc<string, string>("echo", (_, input) => Task.FromResult(input)));
        Assert.Equal(_mebibyte.Length, await run.ResultAsync<int>());
    }

    [Fact]
    public async Task WaitForExternalEvent_PayloadOfAMebibyte_ArrivesWhole()
    {
        await using var run = await TaskHub.RunAsync(async context => (await context.WaitForExternalEventAsync<string>("big")).Length);
        await run.RaiseAsync("big", _mebibyte);
        Assert.Equal(_mebibyte.Length, await run.ResultAsync<int>());
    }

    [Fact]
    public async Task CallActivity_WithPolicy_IsRepeatedUntilItSucceeds()
    {
        var attempts = 0;
        await using var run = await TaskHub.RunAsync(
            context => context.CallActivityAsync<int>(
                "flaky", "", new Core.Orchestrations.RetryPolicy(5, TimeSpan.FromMilliseconds(10), 1, TimeSpan.FromMilliseconds(10))),
            registry => registry.AddActivityFunc<string, int>(
                "flaky", (_, _) => ++attempts < 3 ? throw new IOException("not yet") : attempts));
        Assert.Equal(3, await run.ResultAsync<int>());
    }

    [Fact]
    public async Task CallSubOrchestration_Succeeds_GivesItsResult()
    {
        await using var run = await TaskHub.RunAsync(
            context => context.CallSubOrchestrationAsync<string>("child", "child-1", "x"),
            registry => registry.AddOrchestration(
                "child", context => Task.FromResult($"{context.InstanceId}:{context.GetInput<string>()}")));
        Assert.Equal("child-1:x", await run.ResultAsync<string>());
    }

    [Fact]
    public async Task CallSubOrchestration_Fails_NamesTheOriginalFault()
    {
        await using var run = await TaskHub.RunAsync(
            async context =>
            {
                var fault = await context.CallSubOrchestrationAsync<string>("child", "child-1", "").FaultAsync();
                return fault is ActivityFailedException e ? $"{e.Name}|{e.ErrorType}|{e.ErrorMessage}" : $"{fault}";
            },
            registry => registry.AddOrchestration<string>("child", _ => throw new InvalidOperationException("no")));
        Assert.Equal("child|System.InvalidOperationException|no", await run.ResultAsync<string>());
    }

    [Fact]
    public async Task CreateTimer_Cancelled_LeavesNothing()
    {
        await using var run = await TaskHub.RunAsync(async context =>
        {
            using var cancellation = new CancellationTokenSource();
            // Longer than the three days into which Durable Task divides long timers.
            var timer = context.CreateTimerAsync(context.UtcNow.AddDays(7), cancellation.Token);
            await context.WaitForExternalEventAsync<string>("go");
            cancellation.Cancel();
            return await timer.FaultAsync() is OperationCanceledException;
        });
        await run.RaiseAsync("go", "");
        Assert.True(await run.ResultAsync<bool>());
    }

    [Fact]
    public async Task CreateTimer_Fires_NotBeforeItsTime()
    {
        await using var run = await TaskHub.RunAsync(async context =>
        {
            var due = context.UtcNow.AddMilliseconds(50);
            await context.CreateTimerAsync(due, CancellationToken.None);
            return context.UtcNow >= due && context.UtcNow.Offset == TimeSpan.Zero;
        });
        Assert.True(await run.ResultAsync<bool>());
    }

    [Fact]
    public async Task NewGuid_IsTheSameAtEveryReplay()
    {
        var seen = new List<Guid>();
        await using var run = await TaskHub.RunAsync(async context =>
        {
            var (first, second) = (context.NewGuid(), context.NewGuid());
            lock (seen) seen.AddRange([first, second]);
            await context.WaitForExternalEventAsync<string>("go");
            return context.IsReplaying;
        });
        await run.RaiseAsync("go", "");
        Assert.False(await run.ResultAsync<bool>());
        Assert.Equal(2, seen.Distinct().Count());
    }
}
