using QuantaPilot.Core.Activities;
using QuantaPilot.Core.Contracts;
using QuantaPilot.Core.Ports;

namespace QuantaPilot.Core.Agents;

/// <summary>What agents elsewhere are told. Each call may be repeated after a crash.</summary>
public sealed class RemoteAgents(IAgentTaskStore tasks, IAgentEndpoints endpoints)
{
    /// <summary>Notes the task, so that an answer can come, and posts it.</summary>
    /// <param name="input">The task.</param>
    /// <param name="workBranch">The branch that the work goes to.</param>
    /// <param name="baseCommit">The commit to work on.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <exception cref="StepException">As <see cref="IAgentEndpoints.PostAsync"/>.</exception>
    public async Task<AgentStarted> StartAsync(
        StartAgentInput input, string workBranch, string baseCommit, CancellationToken cancellationToken)
    {
        var endpoint = EndpointOf(input.Agent);
        var task = new RemoteTask
        {
            RunId = input.RunId,
            Step = input.Step,
            Round = input.Round,
            Endpoint = endpoint,
            Agent = input.Agent.Name,
        };
        var present = await tasks.OpenAsync(task, cancellationToken);
        // An agent that was told before this activity began anew may be quicker than the repeat.
        if (present.State != RemoteTaskState.Open) return new AgentStarted(null);
        var message = new AgentTaskMessage(
            input.RunId,
            input.Step,
            input.Round,
            input.Target.RepoUrl,
            input.Target.Branch,
            workBranch,
            baseCommit,
            input.Prompt,
            input.DocumentationPath,
            input.Rework?.Feedback,
            input.Criteria,
            CallbackUrl: null,
            input.Deadline);
        return new AgentStarted(await endpoints.PostAsync(endpoint, message, cancellationToken));
    }

    /// <summary>Takes no answer any more, and tells the agent.</summary>
    public async Task<AgentStopped> StopAsync(StopAgentInput input, CancellationToken cancellationToken)
    {
        var task = await tasks.UpdateAsync(input.RunId, input.Step, input.Round, present => present.Closed(), cancellationToken);
        if (task?.Answer is { } answer) return new AgentStopped(answer);
        if (input.TaskUrl is { } url) await endpoints.StopAsync(EndpointOf(input.Agent), url, cancellationToken);
        return new AgentStopped(null);
    }

    private static string EndpointOf(Pipeline.AgentDefinition agent) =>
        agent.Endpoint ?? throw new InvalidOperationException($"The agent {agent.Name} has no endpoint.");
}
