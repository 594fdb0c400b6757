using QuantaPilot.Core.Orchestrations;

namespace QuantaPilot.Engine.Tests.Crashes;

internal enum StepKind
{
    Activity,
    Parallel,
    Timer,
    Event,
    Failure,
    Child,
    ContinueAsNew,
}

/// <summary>One step of a <see cref="Plan"/>.</summary>
/// <param name="Kind">What it does.</param>
/// <param name="Size">Calls in parallel, or minutes.</param>
internal sealed record Step(StepKind Kind, int Size);

/// <summary>An orchestration as data.</summary>
/// <param name="Steps">What it does.</param>
/// <param name="Next">Where it goes on.</param>
/// <param name="Done">What the steps before came to.</param>
internal sealed record Plan(Step[] Steps, int Next = 0, string Done = "");

/// <summary>Carries out a plan. What it returns tells each step's result, and must not depend on crashes.</summary>
internal static class PlanOrchestration
{
    public static OrchestrationRegistry Registry { get; } = new OrchestrationRegistry()
        .AddOrchestration("plan", RunAsync)
        .AddOrchestration("child", async context =>
        {
            var size = context.GetInput<int>();
            var first = await context.CallActivityAsync<int>("square", size);
            await context.CreateTimerAsync(context.UtcNow.AddMinutes(size), default);
            return first + await context.CallActivityAsync<int>("square", size + 1);
        })
        .AddActivity<int, int>("square", async (_, i) =>
        {
            await Task.Yield();
            return i * i;
        })
        .AddActivity<int, int>("fail", (_, i) => throw new InvalidDataException($"no {i}"));

    /// <summary>The events that the plan waits for; one more of a kind changes nothing.</summary>
    public static IEnumerable<string> Events(Plan plan) =>
        plan.Steps.Select((step, i) => (step, i)).Where(pair => pair.step.Kind == StepKind.Event).Select(pair => $"e{pair.i}");

    private static async Task<string> RunAsync(IOrchestrationContext context)
    {
        var plan = context.GetInput<Plan>();
        var done = plan.Done;
        for (var i = plan.Next; i < plan.Steps.Length; i++)
        {
            var step = plan.Steps[i];
            if (step.Kind == StepKind.ContinueAsNew)
            {
                context.ContinueAsNew(plan with { Next = i + 1, Done = done + "|again" });
                return "";
            }
            done += "|" + await DoAsync(context, step, i);
        }
        return done;
    }

    private static async Task<string> DoAsync(IOrchestrationContext context, Step step, int index)
    {
        switch (step.Kind)
        {
            case StepKind.Activity:
                return $"{await context.CallActivityAsync<int>("square", step.Size)}";
            case StepKind.Parallel:
                return string.Join(
                    ",", await Task.WhenAll(Enumerable.Range(0, step.Size).Select(i => context.CallActivityAsync<int>("square", i))));
            case StepKind.Timer:
                var due = context.UtcNow.AddMinutes(step.Size);
                await context.CreateTimerAsync(due, default);
                return context.UtcNow >= due ? "later" : "too early";
            case StepKind.Event:
                return await context.WaitForExternalEventAsync<string>($"e{index}");
            case StepKind.Failure:
                try
                {
                    return $"{await context.CallActivityAsync<int>("fail", step.Size)}";
                }
                catch (ActivityFailedException e)
                {
                    return e.ErrorMessage;
                }
            default:
                return $"{await context.CallSubOrchestrationAsync<int>("child", $"{context.InstanceId}-{index}", step.Size)}";
        }
    }
}
