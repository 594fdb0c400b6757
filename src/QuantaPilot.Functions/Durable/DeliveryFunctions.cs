using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask;
using QuantaPilot.Core.Activities;
using QuantaPilot.Core.Orchestrations;

namespace QuantaPilot.Functions.Durable;

/// <summary>The orchestration that delivers events after their first attempt has failed, and its activity.</summary>
internal sealed class DeliveryFunctions(DeliveryActivities activities)
{
    [Function(DeliveryOrchestration.Name)]
    public static Task<Done> Deliver([OrchestrationTrigger] TaskOrchestrationContext context) =>
        DeliveryOrchestration.RunAsync(new DurableOrchestrationContext(context));

    [Function(ActivityNames.AttemptDelivery)]
    public Task<DeliveryAttemptResult> AttemptDelivery([ActivityTrigger] AttemptDeliveryInput input, FunctionContext call) =>
        activities.AttemptDeliveryAsync(input, call.CancellationToken);
}
