namespace QuantaPilot.Core.Ports;

/// <summary>Does a piece of work in a checkout: writes files below its directory and nowhere else.</summary>
public interface IAgent
{
    /// <summary>The <c>type</c> in quantapilot.yml: <c>outline</c>, <c>command</c>, <c>http</c>, <c>chat</c>.</summary>
    string Type { get; }

    /// <summary>
    /// Asked before a run does anything: why the agent may not work on this repository, for the caller to see; null if it may.
    /// </summary>
    /// <param name="agent">What quantapilot.yml says of it.</param>
    /// <param name="repoUrl">The repository.</param>
    string? FindRefusal(Pipeline.AgentDefinition agent, string repoUrl) => null;

    /// <exception cref="StepException">agent_failed, agent_timed_out, agent_not_allowed, documentation_invalid,
    /// repository_unsafe.</exception>
    /// <exception cref="OperationCanceledException">The run was cancelled; whatever the agent started has been stopped.</exception>
    Task<AgentResult> RunAsync(AgentTask task, ICheckout checkout, CancellationToken cancellationToken);
}

/// <param name="RunId">The run.</param>
/// <param name="RepoUrl">The repository, for agents that are allowed per project.</param>
/// <param name="Branch">The target branch of the run.</param>
/// <param name="Step">The step, as in the branch name: <c>documentation</c> or a milestone id with a task number.</param>
/// <param name="Prompt">What to do, in words; empty for documentation.</param>
/// <param name="Path">The folder to write to, for documentation.</param>
/// <param name="Agent">The agent as quantapilot.yml defines it.</param>
public sealed record AgentTask(
    Runs.RunId RunId,
    string RepoUrl,
    string Branch,
    string Step,
    string Prompt,
    string? Path,
    Pipeline.AgentDefinition Agent)
{
    /// <summary>True if documentation is wanted, false for a task of a milestone.</summary>
    public bool IsDocumentation => Path is not null;

    /// <summary>1 for the first try, 2 for the first rework, and so on.</summary>
    public int Round { get; init; } = 1;

    /// <summary>What a reviewer or failed checks said of the previous round; null in the first.</summary>
    public string? Feedback { get; init; }

    /// <summary>What an agent elsewhere has answered; null for agents here.</summary>
    public Agents.AgentAnswer? Answer { get; init; }

    /// <summary>What people can watch of the work: <c>GET /runs/{id}/logs</c>.</summary>
    public IRunLog Log { get; init; } = NoRunLogs.Instance;
}

/// <param name="Summary">For the reviewer, Markdown, a few lines.</param>
/// <param name="Digest">SHA-256 (lower-case hexadecimal) of what is to be reviewed, for documentation.</param>
public sealed record AgentResult(string Summary, string? Digest)
{
    /// <summary>What it used up; null if that is not known.</summary>
    public Runs.AgentUsage? Usage { get; init; }
}

/// <summary>Runs the checks of a milestone in a checkout.</summary>
public interface ICheckRunner
{
    /// <summary>As <see cref="IAgent.FindRefusal"/>.</summary>
    string? FindRefusal(string repoUrl) => null;

    /// <param name="repoUrl">The repository, which must be allowed.</param>
    /// <param name="command">Program and arguments.</param>
    /// <param name="timeout">How long it may take.</param>
    /// <param name="checkout">Where it runs.</param>
    /// <param name="log">Gets what the command writes, as it comes.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <returns>Null if the command ended with exit code 0; else what a person needs to see of its output (bounded).</returns>
    /// <exception cref="StepException">agent_not_allowed, agent_timed_out.</exception>
    Task<string?> RunAsync(
        string repoUrl,
        IReadOnlyList<string> command,
        TimeSpan timeout,
        ICheckout checkout,
        IRunLog log,
        CancellationToken cancellationToken);
}
