using QuantaPilot.Core.Ports;
using QuantaPilot.Core.Runs;
using QuantaPilot.Integrations.Outline.Writing;

namespace QuantaPilot.Integrations.Command;

/// <summary>
/// Runs a program in the checkout: how any coding tool plugs in. No shell, no input, and a clean environment: PATH, LANG,
/// HOME and TMPDIR in a folder that goes afterwards, what the settings pass by name, and
/// QP_RUN_ID, QP_REPO_URL, QP_BRANCH, QP_STEP, QP_PROMPT (empty over 32 KiB), QP_TASK_FILE (the whole prompt),
/// QP_CHECKOUT and, for documentation, QP_DOCS_PATH.
/// </summary>
public sealed class CommandAgent : IAgent
{
    /// <summary>How long a program may take where the task doesn't say.</summary>
    public static readonly TimeSpan DefaultTimeout = TimeSpan.FromMinutes(20);

    /// <summary>Systems refuse to start a program with much more in one variable.</summary>
    private const int LongestPrompt = 32 * 1024;

    private const int MostSummary = 2_000;

    private readonly CommandRunner _runner;

    /// <exception cref="FormatException">A glob of the options can match no repository.</exception>
    public CommandAgent(CommandOptions options, TimeProvider time) => _runner = new CommandRunner(options, time);

    public string Type => "command";

    public string? FindRefusal(string repoUrl) => _runner.FindRefusal(repoUrl);

    /// <summary>For documentation the set must be complete and valid afterwards; its digest is in the result.</summary>
    /// <exception cref="StepException">agent_not_allowed, agent_failed, agent_timed_out, documentation_invalid, repository_unsafe.</exception>
    public async Task<AgentResult> RunAsync(AgentTask task, ICheckout checkout, CancellationToken cancellationToken)
    {
        var variables = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["QP_RUN_ID"] = task.RunId.ToString(),
            ["QP_REPO_URL"] = task.RepoUrl,
            ["QP_BRANCH"] = task.Branch,
            ["QP_STEP"] = task.Step,
            ["QP_PROMPT"] = task.Prompt.Length <= LongestPrompt ? task.Prompt : "",
        };
        if (task.Path is not null) variables["QP_DOCS_PATH"] = task.Path;
        var outcome = await _runner.RunAsync(
            task.RepoUrl,
            task.Command ?? [],
            checkout,
            variables,
            task.Prompt,
            task.Timeout ?? DefaultTimeout,
            task.Log,
            cancellationToken);
        if (outcome.ExitCode != 0) throw new StepException(ErrorCodes.AgentFailed, outcome.Describe());
        var output = outcome.Output.Length > MostSummary ? "…" + outcome.Output[^MostSummary..] : outcome.Output;
        var summary = $"{Markup.Code(outcome.Command)} ended with exit code 0.\n{(output.Length == 0 ? "" : $"\n{Markup.Block(output, mostLines: 200)}\n")}";
        return new AgentResult(summary, task.Path is null ? null : new DocumentFolder(checkout.Directory, task.Path).CheckedDigest());
    }
}
