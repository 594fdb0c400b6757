using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask;
using QuantaPilot.Core.Activities;
using QuantaPilot.Core.Orchestrations;
using Hub = Microsoft.DurableTask.Client.DurableTaskClient;

namespace QuantaPilot.Functions.Durable;

/// <summary>The orchestration that delivers events after their first attempt has failed, and its activity.</summary>
internal sealed class DeliveryFunctions(DeliveryActivities activities, ActivityCalls calls)
{
    [Function(DeliveryOrchestration.Name)]
    public static Task<Done> Deliver([OrchestrationTrigger] TaskOrchestrationContext context) =>
        DeliveryOrchestration.RunAsync(new DurableOrchestrationContext(context));

    [Function(ActivityNames.AttemptDelivery)]
    public Task<DeliveryAttemptResult> AttemptDelivery(
        [ActivityTrigger] AttemptDeliveryInput input, [DurableClient] Hub hub, FunctionContext call) =>
        calls.RunAsync(ActivityNames.AttemptDelivery, input, hub, () => activities.AttemptDeliveryAsync(input, call.CancellationToken));
}
