using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask.Client;
using QuantaPilot.Api;
using QuantaPilot.Functions.Durable;

namespace QuantaPilot.Functions.Timers;

/// <summary>What has to be done now and then; one instance of the app at a time does it.</summary>
internal sealed class MaintenanceFunctions(IServiceProvider services, DurableClientAccessor durable)
{
    /// <summary>Tells orchestrations what an instance that was killed did not get to tell them. Every minute, since the next start of an instance may be far off.</summary>
    [Function("TellUntoldRuns")]
    public Task TellUntoldRunsAsync(
        [TimerTrigger("0 * * * * *", RunOnStartup = false)] TimerInfo timer, [DurableClient] DurableTaskClient client, CancellationToken cancellationToken)
    {
        durable.Client = client;
        return services.TellUntoldRunsAsync(cancellationToken);
    }
}
