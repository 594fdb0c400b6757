using Microsoft.Azure.Functions.Worker;
using QuantaPilot.Core.Activities;
using Hub = Microsoft.DurableTask.Client.DurableTaskClient;

namespace QuantaPilot.Functions.Durable;

/// <summary>What runs do about their slots, under the names that every host has them.</summary>
internal sealed class AdmissionFunctions(AdmissionActivities activities, ActivityCalls calls)
{
    [Function(ActivityNames.TakeSlot)]
    public Task<StepResult<SlotAnswer>> TakeSlot(
        [ActivityTrigger] TakeSlotInput input, [DurableClient] Hub hub, FunctionContext call) =>
        calls.RunAsync(ActivityNames.TakeSlot, input, hub, () => activities.TakeSlotAsync(input, call.CancellationToken));

    [Function(ActivityNames.GiveBackSlot)]
    public Task<StepResult<Done>> GiveBackSlot(
        [ActivityTrigger] GiveBackSlotInput input, [DurableClient] Hub hub, FunctionContext call) =>
        calls.RunAsync(ActivityNames.GiveBackSlot, input, hub, () => activities.GiveBackSlotAsync(input, call.CancellationToken));
}
