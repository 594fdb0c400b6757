using QuantaPilot.Api.Telemetry;
using QuantaPilot.Engine;

namespace QuantaPilot.Host.Server;

/// <summary>Has the activities of the engine measured.</summary>
internal sealed class MeasuredActivities(StepTelemetry steps) : IActivityInterceptor
{
    public Task<TOutput> RunAsync<TInput, TOutput>(string activity, TInput input, Func<Task<TOutput>> run) =>
        steps.RunAsync(activity, input, run);
}
