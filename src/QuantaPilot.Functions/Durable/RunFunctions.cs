using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask;
using QuantaPilot.Api.Telemetry;
using QuantaPilot.Core.Activities;
using QuantaPilot.Core.Orchestrations;
using Hub = Microsoft.DurableTask.Client.DurableTaskClient;

namespace QuantaPilot.Functions.Durable;

/// <summary>The orchestration of a run and its activities, under the names that every host has them.</summary>
internal sealed class RunFunctions(RunActivities activities, StepTelemetry telemetry, DurableClientAccessor durable)
{
    [Function(RunOrchestration.Name)]
    public static Task<RunOutcome> Run([OrchestrationTrigger] TaskOrchestrationContext context) =>
        RunOrchestration.RunAsync(new DurableOrchestrationContext(context));

    [Function(ActivityNames.PrepareRun)]
    public Task<StepResult<PreparedRun>> PrepareRun(
        [ActivityTrigger] PrepareRunInput input, [DurableClient] Hub hub, FunctionContext call) =>
        CallAsync(ActivityNames.PrepareRun, input, hub, () => activities.PrepareRunAsync(input, call.CancellationToken));

    [Function(ActivityNames.WriteDocumentation)]
    public Task<StepResult<ReviewableWork>> WriteDocumentation(
        [ActivityTrigger] WriteDocumentationInput input, [DurableClient] Hub hub, FunctionContext call) =>
        CallAsync(ActivityNames.WriteDocumentation, input, hub, () => activities.WriteDocumentationAsync(input, call.CancellationToken));

    [Function(ActivityNames.CarryOutTask)]
    public Task<StepResult<TaskDone>> CarryOutTask(
        [ActivityTrigger] CarryOutTaskInput input, [DurableClient] Hub hub, FunctionContext call) =>
        CallAsync(ActivityNames.CarryOutTask, input, hub, () => activities.CarryOutTaskAsync(input, call.CancellationToken));

    [Function(ActivityNames.OpenMilestone)]
    public Task<StepResult<ReviewableWork>> OpenMilestone(
        [ActivityTrigger] OpenMilestoneInput input, [DurableClient] Hub hub, FunctionContext call) =>
        CallAsync(ActivityNames.OpenMilestone, input, hub, () => activities.OpenMilestoneAsync(input, call.CancellationToken));

    [Function(ActivityNames.MergePullRequest)]
    public Task<StepResult<MergeResult>> MergePullRequest(
        [ActivityTrigger] MergePullRequestInput input, [DurableClient] Hub hub, FunctionContext call) =>
        CallAsync(ActivityNames.MergePullRequest, input, hub, () => activities.MergePullRequestAsync(input, call.CancellationToken));

    [Function(ActivityNames.TimeOutGate)]
    public Task<StepResult<GateTimeoutResult>> TimeOutGate(
        [ActivityTrigger] TimeOutGateInput input, [DurableClient] Hub hub, FunctionContext call) =>
        CallAsync(ActivityNames.TimeOutGate, input, hub, () => activities.TimeOutGateAsync(input, call.CancellationToken));

    [Function(ActivityNames.RecordEvents)]
    public Task<StepResult<Done>> RecordEvents(
        [ActivityTrigger] RecordEventsInput input, [DurableClient] Hub hub, FunctionContext call) =>
        CallAsync(ActivityNames.RecordEvents, input, hub, () => activities.RecordEventsAsync(input, call.CancellationToken));

    private Task<TOutput> CallAsync<TInput, TOutput>(string activity, TInput input, Hub hub, Func<Task<TOutput>> run)
    {
        // Activities may start and tell orchestrations too.
        durable.Client = hub;
        return telemetry.RunAsync(activity, input, run);
    }
}
