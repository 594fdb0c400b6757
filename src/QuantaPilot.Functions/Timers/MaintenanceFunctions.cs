using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask.Client;
using QuantaPilot.Api;
using QuantaPilot.Api.Retention;
using QuantaPilot.Functions.Durable;

namespace QuantaPilot.Functions.Timers;

/// <summary>What has to be done now and then; one instance of the app at a time does it.</summary>
internal sealed class MaintenanceFunctions(IServiceProvider services, RetentionSweep retention, AppSettings settings, DurableClientAccessor durable)
{
    /// <summary>Well within the time that a function may take; what is left then is left to the next time.</summary>
    private static readonly TimeSpan _sweepBudget = TimeSpan.FromMinutes(4);

    /// <summary>Tells orchestrations what an instance that was killed did not get to tell them. Every minute, since the next start of an instance may be far off.</summary>
    [Function("TellUntoldRuns")]
    public Task TellUntoldRunsAsync(
        [TimerTrigger("0 * * * * *")] TimerInfo timer, [DurableClient] DurableTaskClient client, CancellationToken cancellationToken)
    {
        durable.Client = client;
        return services.TellUntoldRunsAsync(cancellationToken);
    }

    /// <summary>Deletes runs that ended long ago.</summary>
    [Function("SweepEndedRuns")]
    public async Task SweepEndedRunsAsync(
        [TimerTrigger("0 7 * * * *")] TimerInfo timer, [DurableClient] DurableTaskClient client, CancellationToken cancellationToken)
    {
        durable.Client = client;
        if (settings.Retention.Days == 0) return;
        await retention.SweepAsync(TimeSpan.FromDays(settings.Retention.Days), _sweepBudget, cancellationToken);
    }
}
