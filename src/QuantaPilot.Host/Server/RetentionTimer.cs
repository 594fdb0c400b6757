using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using QuantaPilot.Api.Retention;

namespace QuantaPilot.Host.Server;

/// <summary>Sweeps at the start and then every hour. What a sweep has no time for is left to the next.</summary>
internal sealed class RetentionTimer(RetentionSweep sweep, ServerOptions options, TimeProvider time, ILogger<RetentionTimer> logger)
    : BackgroundService
{
    private static readonly TimeSpan _interval = TimeSpan.FromHours(1);

    /// <summary>At several hundred runs a second this is more than a server ends in an hour.</summary>
    private static readonly TimeSpan _budget = TimeSpan.FromMinutes(2);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(_interval, time);
        do
        {
            try
            {
                await sweep.SweepAsync(TimeSpan.FromDays(options.RetentionDays), _budget, stoppingToken);
            }
#pragma warning disable CA1031 // It must not take the server with it; the log has the fault, and the next sweep tries again.
            catch (Exception e) when (!stoppingToken.IsCancellationRequested)
#pragma warning restore CA1031
            {
                Logs.SweepFailed(logger, e);
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }
}
