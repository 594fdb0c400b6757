using Microsoft.DurableTask.Client;
using QuantaPilot.Api.Telemetry;

namespace QuantaPilot.Functions.Durable;

/// <summary>What stands around every activity.</summary>
internal sealed class ActivityCalls(StepTelemetry telemetry, DurableClientAccessor durable)
{
    /// <param name="activity">Its registered name.</param>
    /// <param name="input">Its input.</param>
    /// <param name="hub">From its trigger: activities may start and tell orchestrations too.</param>
    /// <param name="run">Runs it.</param>
    public Task<TOutput> RunAsync<TInput, TOutput>(string activity, TInput input, DurableTaskClient hub, Func<Task<TOutput>> run)
    {
        durable.Client = hub;
        return telemetry.RunAsync(activity, input, run);
    }
}
