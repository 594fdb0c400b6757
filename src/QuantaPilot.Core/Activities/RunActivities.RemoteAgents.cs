using QuantaPilot.Core.Agents;
using QuantaPilot.Core.Ports;
using QuantaPilot.Core.Runs;

namespace QuantaPilot.Core.Activities;

/// <content>Agents elsewhere: what they are told. What they answer is worked off as the work of agents here is.</content>
public sealed partial class RunActivities
{
    private RemoteAgents Remote => remoteAgents
        ?? throw new StepException(ErrorCodes.AgentNotAllowed, "Agents of type http are not available on this host.");

    /// <summary>Posts a task, unless its work stands on the branch already.</summary>
    public Task<StepResult<AgentStarted>> StartAgentAsync(StartAgentInput input, CancellationToken stopping) =>
        RunAsync<AgentStarted>(input, async cancelled =>
        {
            var branch = WorkBranch(input, input.MilestoneId ?? input.Step);
            await using var checkout = await forge.CheckoutAsync(
                input.Target.RepoUrl, input.Target.Branch, input.HeadSha, branch, cancelled);
            if (input.MilestoneId is not null && checkout.HasCommitFor(Trailer(input, input.Step, input.Rework)))
                return new AgentStarted(null, IsDone: true);
            await RequireBudgetAsync(input.Target.RepoUrl, cancelled);
            return await Remote.StartAsync(input, branch, checkout.HeadSha, cancelled);
        }, stopping);

    /// <summary>Gives a task up. Also, and above all, for a run that is being cancelled, so that does not stop it.</summary>
    public async Task<StepResult<AgentStopped>> StopAgentAsync(StopAgentInput input, CancellationToken stopping)
    {
        try
        {
            var handedOver = await RecordAsync(input.RunId, input.Events, stopping);
            try
            {
                var commentFailure = await _comments.PutAsync(input, stopping);
                return new StepResult<AgentStopped>(await Remote.StopAsync(input, stopping), null) { CommentFailure = commentFailure };
            }
            finally
            {
                await handedOver;
            }
        }
        catch (Exception e) when (Outage.Is(e) && !stopping.IsCancellationRequested)
        {
            Logs.StepMeetsOutage(_logger, e, input.RunId);
            return new StepResult<AgentStopped>(null, Outage.Failure) { CommentFailure = Outage.Failure, Unrecorded = true };
        }
    }
}
