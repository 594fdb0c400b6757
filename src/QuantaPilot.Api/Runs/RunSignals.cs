using Microsoft.Extensions.Logging;
using QuantaPilot.Core.Admission;
using QuantaPilot.Core.Orchestrations;
using QuantaPilot.Core.Ports;
using QuantaPilot.Core.Runs;

namespace QuantaPilot.Api.Runs;

/// <summary>Tells the orchestration of a run what it has to know.</summary>
internal sealed class RunSignals(
    IOrchestrationClient client, IRunStore store, ConcurrencyLimits limits, ILogger<RunSignals> logger)
{
    /// <summary>Idempotent: a run has one orchestration, whose id is the run's.</summary>
    public async Task StartAsync(RunSnapshot run, CancellationToken cancellationToken)
    {
        // Before the start, after which nobody would come back to it.
        if (run.Retry is { } retry) await store.SetRetriedByAsync(retry.Of, run.RunId, cancellationToken);
        var input = new RunInput(run.RunId, run.RepoUrl, run.Branch, run.QuantapilotYamlPath, run.CorrelationId)
        {
            Retry = run.Retry,
            Admission = limits.Any ? new AdmissionKey(run.Project, run.Branch) : null,
        };
        await client.StartAsync(RunOrchestration.Name, run.RunId.ToString(), input, cancellationToken);
    }

    /// <returns>False if the orchestration has ended; nothing was told.</returns>
    public async Task<bool> RaiseAsync(RunSnapshot run, RunSignal signal, CancellationToken cancellationToken)
    {
        if (await client.RaiseEventAsync(run.RunId.ToString(), RunSignal.EventName, signal, cancellationToken)) return true;
        Logs.SignalRefused(logger, run.RunId);
        return false;
    }
}
