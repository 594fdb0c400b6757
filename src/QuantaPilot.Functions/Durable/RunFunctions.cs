using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask;
using Microsoft.DurableTask.Client;
using QuantaPilot.Core.Activities;
using QuantaPilot.Core.Orchestrations;

namespace QuantaPilot.Functions.Durable;

/// <summary>The orchestration of a run and its activities, under the names that every host has them.</summary>
internal sealed class RunFunctions(RunActivities activities, DurableClientAccessor durable)
{
    [Function(RunOrchestration.Name)]
    public static Task<RunOutcome> Run([OrchestrationTrigger] TaskOrchestrationContext context) =>
        RunOrchestration.RunAsync(new DurableOrchestrationContext(context));

    [Function(ActivityNames.PrepareRun)]
    public Task<StepResult<PreparedRun>> PrepareRun(
        [ActivityTrigger] PrepareRunInput input, [DurableClient] DurableTaskClient client, FunctionContext call) =>
        With(client).PrepareRunAsync(input, call.CancellationToken);

    [Function(ActivityNames.WriteDocumentation)]
    public Task<StepResult<ReviewableWork>> WriteDocumentation(
        [ActivityTrigger] WriteDocumentationInput input, [DurableClient] DurableTaskClient client, FunctionContext call) =>
        With(client).WriteDocumentationAsync(input, call.CancellationToken);

    [Function(ActivityNames.CarryOutTask)]
    public Task<StepResult<TaskDone>> CarryOutTask(
        [ActivityTrigger] CarryOutTaskInput input, [DurableClient] DurableTaskClient client, FunctionContext call) =>
        With(client).CarryOutTaskAsync(input, call.CancellationToken);

    [Function(ActivityNames.OpenMilestone)]
    public Task<StepResult<ReviewableWork>> OpenMilestone(
        [ActivityTrigger] OpenMilestoneInput input, [DurableClient] DurableTaskClient client, FunctionContext call) =>
        With(client).OpenMilestoneAsync(input, call.CancellationToken);

    [Function(ActivityNames.MergePullRequest)]
    public Task<StepResult<MergeResult>> MergePullRequest(
        [ActivityTrigger] MergePullRequestInput input, [DurableClient] DurableTaskClient client, FunctionContext call) =>
        With(client).MergePullRequestAsync(input, call.CancellationToken);

    [Function(ActivityNames.TimeOutGate)]
    public Task<StepResult<GateTimeoutResult>> TimeOutGate(
        [ActivityTrigger] TimeOutGateInput input, [DurableClient] DurableTaskClient client, FunctionContext call) =>
        With(client).TimeOutGateAsync(input, call.CancellationToken);

    [Function(ActivityNames.RecordEvents)]
    public Task<StepResult<Done>> RecordEvents(
        [ActivityTrigger] RecordEventsInput input, [DurableClient] DurableTaskClient client, FunctionContext call) =>
        With(client).RecordEventsAsync(input, call.CancellationToken);

    /// <summary>Activities may start and tell orchestrations too.</summary>
    private RunActivities With(DurableTaskClient client)
    {
        durable.Client = client;
        return activities;
    }
}
