using Microsoft.Extensions.Logging;
using QuantaPilot.Core.Ports;
using QuantaPilot.Core.Runs;

namespace QuantaPilot.Core.Activities;

/// <summary>Puts results of gates on the pages of their pull requests, once for each time that a gate was asked.</summary>
internal sealed class GateComments(IRunStore store, IForge forge, ILogger logger)
{
    /// <summary>Says what an activity has taken along to be said.</summary>
    /// <returns>Null, or why the forge does not take it.</returns>
    public async Task<StepFailure?> PutAsync(ActivityInput input, CancellationToken cancellationToken)
    {
        if (input.Decided is not { } decided || await store.GetAsync(input.RunId, cancellationToken) is not { } run) return null;
        foreach (var result in decided)
        {
            if (run.Gates.FirstOrDefault(gate => gate.Name == result.Gate) is not { } gate) continue;
            try
            {
                var key = $"{run.RunId}/{result.Gate}#{result.Request}";
                await forge.CommentAsync(
                    run.RepoUrl, gate.Review.PullRequest.Number, key, PullRequestText.Result(run.RunId, gate, result), cancellationToken);
            }
            catch (StepException e)
            {
                Logs.NotCommented(logger, run.RunId, e.Code);
                return new StepFailure(e.Code, Redactor.Redact(e.Message), e.IsTransient) { RetryAfter = e.RetryAfter };
            }
        }
        return null;
    }
}
