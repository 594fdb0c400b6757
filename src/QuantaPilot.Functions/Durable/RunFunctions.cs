using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask;
using QuantaPilot.Core.Activities;
using QuantaPilot.Core.Orchestrations;
using Hub = Microsoft.DurableTask.Client.DurableTaskClient;

namespace QuantaPilot.Functions.Durable;

/// <summary>The orchestration of a run and its activities, under the names that every host has them.</summary>
internal sealed class RunFunctions(RunActivities activities, ActivityCalls calls)
{
    [Function(RunOrchestration.Name)]
    public static Task<RunOutcome> Run([OrchestrationTrigger] TaskOrchestrationContext context) =>
        RunOrchestration.RunAsync(new DurableOrchestrationContext(context));

    [Function(ActivityNames.PrepareRun)]
    public Task<StepResult<PreparedRun>> PrepareRun(
        [ActivityTrigger] PrepareRunInput input, [DurableClient] Hub hub, FunctionContext call) =>
        calls.RunAsync(ActivityNames.PrepareRun, input, hub, () => activities.PrepareRunAsync(input, call.CancellationToken));

    [Function(ActivityNames.ReadPlan)]
    public Task<StepResult<PlanRead>> ReadPlan(
        [ActivityTrigger] ReadPlanInput input, [DurableClient] Hub hub, FunctionContext call) =>
        calls.RunAsync(ActivityNames.ReadPlan, input, hub, () => activities.ReadPlanAsync(input, call.CancellationToken));

    [Function(ActivityNames.WriteDocumentation)]
    public Task<StepResult<ReviewableWork>> WriteDocumentation(
        [ActivityTrigger] WriteDocumentationInput input, [DurableClient] Hub hub, FunctionContext call) =>
        calls.RunAsync(
            ActivityNames.WriteDocumentation, input, hub, () => activities.WriteDocumentationAsync(input, call.CancellationToken));

    [Function(ActivityNames.CarryOutTask)]
    public Task<StepResult<TaskDone>> CarryOutTask(
        [ActivityTrigger] CarryOutTaskInput input, [DurableClient] Hub hub, FunctionContext call) =>
        calls.RunAsync(ActivityNames.CarryOutTask, input, hub, () => activities.CarryOutTaskAsync(input, call.CancellationToken));

    [Function(ActivityNames.OpenMilestone)]
    public Task<StepResult<ReviewableWork>> OpenMilestone(
        [ActivityTrigger] OpenMilestoneInput input, [DurableClient] Hub hub, FunctionContext call) =>
        calls.RunAsync(ActivityNames.OpenMilestone, input, hub, () => activities.OpenMilestoneAsync(input, call.CancellationToken));

    [Function(ActivityNames.MergePullRequest)]
    public Task<StepResult<MergeResult>> MergePullRequest(
        [ActivityTrigger] MergePullRequestInput input, [DurableClient] Hub hub, FunctionContext call) =>
        calls.RunAsync(ActivityNames.MergePullRequest, input, hub, () => activities.MergePullRequestAsync(input, call.CancellationToken));

    [Function(ActivityNames.LookAtPullRequest)]
    public Task<StepResult<PullRequestLook>> LookAtPullRequest(
        [ActivityTrigger] LookAtPullRequestInput input, [DurableClient] Hub hub, FunctionContext call) =>
        calls.RunAsync(ActivityNames.LookAtPullRequest, input, hub, () => activities.LookAtPullRequestAsync(input, call.CancellationToken));

    [Function(ActivityNames.TimeOutGate)]
    public Task<StepResult<GateTimeoutResult>> TimeOutGate(
        [ActivityTrigger] TimeOutGateInput input, [DurableClient] Hub hub, FunctionContext call) =>
        calls.RunAsync(ActivityNames.TimeOutGate, input, hub, () => activities.TimeOutGateAsync(input, call.CancellationToken));

    [Function(ActivityNames.StartAgent)]
    public Task<StepResult<AgentStarted>> StartAgent(
        [ActivityTrigger] StartAgentInput input, [DurableClient] Hub hub, FunctionContext call) =>
        calls.RunAsync(ActivityNames.StartAgent, input, hub, () => activities.StartAgentAsync(input, call.CancellationToken));

    [Function(ActivityNames.StopAgent)]
    public Task<StepResult<AgentStopped>> StopAgent(
        [ActivityTrigger] StopAgentInput input, [DurableClient] Hub hub, FunctionContext call) =>
        calls.RunAsync(ActivityNames.StopAgent, input, hub, () => activities.StopAgentAsync(input, call.CancellationToken));

    [Function(ActivityNames.RecordEvents)]
    public Task<StepResult<Done>> RecordEvents(
        [ActivityTrigger] RecordEventsInput input, [DurableClient] Hub hub, FunctionContext call) =>
        calls.RunAsync(ActivityNames.RecordEvents, input, hub, () => activities.RecordEventsAsync(input, call.CancellationToken));
}
