using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask;
using QuantaPilot.Core.Activities;
using QuantaPilot.Core.Orchestrations;

namespace QuantaPilot.Functions.Durable;

/// <summary>The orchestration of a run and its activities, under the names that the standalone host has them.</summary>
internal sealed class RunFunctions(RunActivities activities)
{
    [Function(RunOrchestration.Name)]
    public static Task<RunOutcome> RunAsync([OrchestrationTrigger] TaskOrchestrationContext context) =>
        RunOrchestration.RunAsync(new DurableOrchestrationContext(context));

    [Function(ActivityNames.PrepareRun)]
    public Task<StepResult<PreparedRun>> PrepareRunAsync([ActivityTrigger] PrepareRunInput input, FunctionContext context) =>
        activities.PrepareRunAsync(input, context.CancellationToken);

    [Function(ActivityNames.WriteDocumentation)]
    public Task<StepResult<ReviewableWork>> WriteDocumentationAsync([ActivityTrigger] WriteDocumentationInput input, FunctionContext context) =>
        activities.WriteDocumentationAsync(input, context.CancellationToken);

    [Function(ActivityNames.CarryOutTask)]
    public Task<StepResult<TaskDone>> CarryOutTaskAsync([ActivityTrigger] CarryOutTaskInput input, FunctionContext context) =>
        activities.CarryOutTaskAsync(input, context.CancellationToken);

    [Function(ActivityNames.OpenMilestone)]
    public Task<StepResult<ReviewableWork>> OpenMilestoneAsync([ActivityTrigger] OpenMilestoneInput input, FunctionContext context) =>
        activities.OpenMilestoneAsync(input, context.CancellationToken);

    [Function(ActivityNames.MergePullRequest)]
    public Task<StepResult<MergeResult>> MergePullRequestAsync([ActivityTrigger] MergePullRequestInput input, FunctionContext context) =>
        activities.MergePullRequestAsync(input, context.CancellationToken);

    [Function(ActivityNames.TimeOutGate)]
    public Task<StepResult<GateTimeoutResult>> TimeOutGateAsync([ActivityTrigger] TimeOutGateInput input, FunctionContext context) =>
        activities.TimeOutGateAsync(input, context.CancellationToken);

    [Function(ActivityNames.RecordEvents)]
    public Task<StepResult<Done>> RecordEventsAsync([ActivityTrigger] RecordEventsInput input, FunctionContext context) =>
        activities.RecordEventsAsync(input, context.CancellationToken);
}
