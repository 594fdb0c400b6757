using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.Json;
using QuantaPilot.Core.Telemetry;
using QuantaPilot.Engine.Tests.Support;

namespace QuantaPilot.Engine.Tests.Semantics;

/// <summary>Which trace an instance, its activities and what they start belong to.</summary>
public sealed class TraceTests
{
    private const string TraceId = "4bf92f3577b34da6a3ce929d0e0e4736";
    private const string TraceParent = $"00-{TraceId}-00f067aa0ba902b7-01";

    [Fact]
    public async Task Start_WithinATrace_TurnsAndActivitiesBelongToItUnderTheRequest()
    {
        using var spans = new Listener();
        string? within = null;
        await using var host = await EngineHost.StartAsync(new OrchestrationRegistry()
            .AddOrchestration("twice", async context =>
            {
                var two = await context.CallActivityAsync<int>("double", 1);
                return await context.CallActivityAsync<int>("double", two);
            })
            .AddActivity<int, int>("double", (_, number) =>
            {
                within = Activity.Current?.TraceId.ToString();
                return Task.FromResult(2 * number);
            }));

        using var request = spans.Request();
        await host.RunAsync<int>("twice");

        Assert.Equal(TraceId, within);
        Assert.Equal(
            ["activity:double", "activity:double", "orchestration:twice", "orchestration:twice", "orchestration:twice"],
            spans.Ended.Select(span => span.OperationName).Order());
        Assert.All(spans.Ended, span =>
        {
            Assert.Equal((TraceId, request.SpanId), (span.TraceId.ToString(), span.ParentSpanId));
            Assert.Equal("i1", span.GetTagItem("durabletask.task.instance_id"));
            Assert.Equal(ActivityStatusCode.Unset, span.Status);
        });
    }

    [Fact]
    public async Task Start_WithinATrace_IsRememberedOverARestart()
    {
        using var spans = new Listener();
        var registry = new OrchestrationRegistry()
            .AddOrchestration("waits", async context =>
            {
                var number = await context.WaitForExternalEventAsync<int>("go");
                return await context.CallActivityAsync<int>("echo", number);
            })
            .AddActivity<int, int>("echo", (_, number) => Task.FromResult(number));
        await using var host = await EngineHost.StartAsync(registry);
        using (spans.Request()) await host.StartAsync("waits");
        await host.RestartAsync();

        await host.RaiseAsync("go", 5);
        Assert.Equal(5, await host.OutputAsync<int>());

        Assert.Equal(TraceId, spans.Ended.Single(span => span.OperationName == "activity:echo").TraceId.ToString());
    }

    [Fact]
    public async Task SubOrchestrationAndContinueAsNew_StayInTheTrace()
    {
        using var spans = new Listener();
        await using var host = await EngineHost.StartAsync(new OrchestrationRegistry()
            .AddOrchestration("parent", context => context.CallSubOrchestrationAsync<int>("child", "i1:child", 3))
            .AddOrchestration("child", async context =>
            {
                var left = context.GetInput<int>();
                await context.CallActivityAsync<int>("step", left);
                if (left > 1) context.ContinueAsNew(left - 1);
                return left;
            })
            .AddActivity<int, int>("step", (_, left) => Task.FromResult(left)));

        using (spans.Request()) await host.RunAsync<int>("parent");

        Assert.Equal(3, spans.Ended.Count(span => span.OperationName == "activity:step"));
        Assert.All(spans.Ended, span => Assert.Equal(TraceId, span.TraceId.ToString()));
    }

    [Fact]
    public async Task Start_FromWithinAnActivity_IsPartOfIt()
    {
        using var spans = new Listener();
        EngineHost host = null!;
        var registry = new OrchestrationRegistry()
            .AddOrchestration("outer", context => context.CallActivityAsync<bool>("start", null))
            .AddOrchestration("inner", context => context.CallActivityAsync<bool>("work", null))
            .AddActivity<object?, bool>("start", (_, _) => host.StartAsync("inner", id: "i2"))
            .AddActivity<object?, bool>("work", (_, _) => Task.FromResult(true));
        host = await EngineHost.StartAsync(registry);

        using (spans.Request()) await host.RunAsync<bool>("outer");
        await host.OutputAsync<bool>("i2");
        await host.DisposeAsync();

        var start = spans.Ended.Single(span => span.OperationName == "activity:start");
        var work = spans.Ended.Single(span => span.OperationName == "activity:work");
        Assert.Equal((TraceId, start.SpanId), (work.TraceId.ToString(), work.ParentSpanId));
    }

    [Fact]
    public async Task Activity_ThatThrows_MarksItsSpanWithoutTheMessage()
    {
        using var spans = new Listener();
        await using var host = await EngineHost.StartAsync(new OrchestrationRegistry()
            .AddOrchestration("fails", context => context.CallActivityAsync<int>("fail", null))
            .AddActivity<object?, int>("fail", (_, _) => throw new InvalidOperationException("a secret")));

        using (spans.Request()) await host.StartAsync("fails");
        await host.EndAsync();

        var span = spans.Ended.Single(span => span.OperationName == "activity:fail");
        Assert.Equal((ActivityStatusCode.Error, null), (span.Status, span.StatusDescription));
        Assert.Equal("System.InvalidOperationException", span.GetTagItem("error.type"));
        Assert.DoesNotContain(span.TagObjects, tag => $"{tag.Value}".Contains("secret", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Start_WhereNobodyListens_LeavesNoTraceInTheHistory()
    {
        using var request = new Activity("request").SetParentId(TraceParent).Start();
        await using var host = await EngineHost.StartAsync(new OrchestrationRegistry().AddOrchestration("done", _ => Task.FromResult(1)));

        await host.RunAsync<int>("done");

        Assert.DoesNotContain("traceParent", host.Engine.ExportHistory("i1"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task History_OfATrace_ReplaysAndSoDoesOneWithout()
    {
        using var spans = new Listener();
        var registry = new OrchestrationRegistry()
            .AddOrchestration("one", context => context.CallActivityAsync<int>("step", 1))
            .AddActivity<int, int>("step", (_, number) => Task.FromResult(number));
        await using var host = await EngineHost.StartAsync(registry);
        using var request = spans.Request();
        await host.RunAsync<int>("one");
        var history = host.Engine.ExportHistory("i1")!;
        Assert.Contains($"\"traceParent\":\"{request.Id}\"", history, StringComparison.Ordinal);
        var without = history.Replace($",\"traceParent\":\"{request.Id}\"", "", StringComparison.Ordinal);
        Assert.DoesNotContain("traceParent", without, StringComparison.Ordinal);

        foreach (var text in new[] { history, without })
        {
            var replayed = HistoryReplayer.Replay(text, registry, new JsonSerializerOptions(JsonSerializerDefaults.Web));
            Assert.Equal(new ReplayResult(ReplayStatus.Complete, OutputJson: "1"), replayed);
        }
    }

    /// <summary>Collects the spans of the trace.</summary>
    private sealed class Listener : IDisposable
    {
        private readonly ActivityListener _listener;
        private readonly ConcurrentQueue<Activity> _ended = new();

        public Listener()
        {
            _listener = new ActivityListener
            {
                ShouldListenTo = source => source.Name == Instruments.Name,
                Sample = (ref ActivityCreationOptions<System.Diagnostics.ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
                ActivityStopped = span =>
                {
                    // Other tests run beside this one.
                    if (span.TraceId.ToString() == TraceId) _ended.Enqueue(span);
                },
            };
            ActivitySource.AddActivityListener(_listener);
        }

        public IReadOnlyCollection<Activity> Ended => _ended;

        /// <summary>The span of a request, current until it is disposed.</summary>
        public Activity Request()
        {
            Assert.Empty(_ended);
            return new Activity("request").SetParentId(TraceParent).Start();
        }

        public void Dispose() => _listener.Dispose();
    }
}
