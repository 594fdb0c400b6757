using System.Diagnostics;
using OpenTelemetry;
using QuantaPilot.Core.Deliveries;
using QuantaPilot.Core.Runs;
using QuantaPilot.Core.Telemetry;

namespace QuantaPilot.Api.Telemetry;

/// <summary>Hands the tags of a run on from a span to those within it, and gives them to spans of its orchestration.</summary>
internal sealed class RunTagsProcessor : BaseProcessor<Activity>
{
    private const string InstanceId = "durabletask.task.instance_id";

    public override void OnStart(Activity data)
    {
        if (data.Parent is { } parent)
        {
            HandOn(parent, data, RunTags.RunId);
            HandOn(parent, data, RunTags.CorrelationId);
        }
        // An orchestration of a run has the run's id, and one that delivers its events has it in its own.
        if (data.GetTagItem(InstanceId) is string instance
            && (RunId.TryParse(instance, out var runId) || DeliveryInstance.TryFindRun(instance, out runId)))
        {
            RunTags.Set(data, runId, null);
        }
    }

    private static void HandOn(Activity from, Activity to, string tag)
    {
        if (from.GetTagItem(tag) is { } value) to.SetTag(tag, value);
    }
}
