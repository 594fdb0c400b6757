using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask.Client;
using QuantaPilot.Api;
using QuantaPilot.Api.Retention;
using QuantaPilot.Functions.Durable;
using QuantaPilot.Functions.Settings;

namespace QuantaPilot.Functions.Maintenance;

/// <summary>What is done from time to time. Of all instances, one does it at a time.</summary>
internal sealed class MaintenanceFunctions(
    IServiceProvider services, RetentionSweep sweep, AppSettings settings, DurableClientAccessor durable)
{
    /// <summary>Well within the interval, and what is left over is for the next time.</summary>
    private static readonly TimeSpan _sweepBudget = TimeSpan.FromMinutes(4);

    /// <summary>
    /// Tells orchestrations what an instance that was killed did not get round to. Callers who repeat their request bring it
    /// about at once, so this is for those who don't; it costs little, but it keeps an instance from sleeping.
    /// </summary>
    [Function(nameof(TellUntoldRuns))]
    public Task TellUntoldRuns(
        [TimerTrigger("15 */5 * * * *")] string timer, [DurableClient] DurableTaskClient client, CancellationToken cancellationToken)
    {
        durable.Client = client;
        return services.TellUntoldRunsAgainAsync(cancellationToken);
    }

    /// <summary>Deletes runs that ended long ago.</summary>
    [Function(nameof(SweepEndedRuns))]
    public async Task SweepEndedRuns(
        [TimerTrigger("30 7 * * * *")] string timer, [DurableClient] DurableTaskClient client, CancellationToken cancellationToken)
    {
        if (settings.RetentionDays == 0) return;
        durable.Client = client;
        await sweep.SweepAsync(TimeSpan.FromDays(settings.RetentionDays), _sweepBudget, cancellationToken);
    }
}
