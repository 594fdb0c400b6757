using System.Globalization;
using QuantaPilot.Core.Pipeline;
using QuantaPilot.Core.Ports;
using QuantaPilot.Core.Runs;
using QuantaPilot.Integrations.Outline.Writing;

namespace QuantaPilot.Integrations.Command;

/// <summary>
/// Runs a program in the checkout: how any coding tool plugs in. No shell, no input, and a clean environment: PATH, LANG,
/// HOME and TMPDIR in a folder that goes afterwards, what the settings pass by name, and
/// QP_RUN_ID, QP_REPO_URL, QP_BRANCH, QP_STEP, QP_PROMPT (empty over 32 KiB), QP_TASK_FILE (the whole prompt, with the feedback),
/// QP_CHECKOUT, QP_ROUND (1 for the first try) and, for documentation, QP_DOCS_PATH; in later rounds QP_FEEDBACK (empty over 32 KiB):
/// what a reviewer or failed checks said. To QP_USAGE_FILE it may write what it used up (<see cref="UsageFile"/>).
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

    public string? FindRefusal(AgentDefinition agent, string repoUrl) => _runner.FindRefusal(repoUrl);

    /// <summary>For documentation the set must be complete and valid afterwards; its digest is in the result.</summary>
    /// <exception cref="StepException">agent_not_allowed, agent_failed, agent_timed_out, documentation_invalid,
    /// repository_unsafe.</exception>
    public async Task<AgentResult> RunAsync(AgentTask task, ICheckout checkout, CancellationToken cancellationToken)
    {
        var variables = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["QP_RUN_ID"] = task.RunId.ToString(),
            ["QP_REPO_URL"] = task.RepoUrl,
            ["QP_BRANCH"] = task.Branch,
            ["QP_STEP"] = task.Step,
            ["QP_PROMPT"] = Bounded(task.Prompt),
            ["QP_ROUND"] = task.Round.ToString(CultureInfo.InvariantCulture),
        };
        if (task.Feedback is not null) variables["QP_FEEDBACK"] = Bounded(task.Feedback);
        if (task.Path is not null) variables["QP_DOCS_PATH"] = task.Path;
        var outcome = await _runner.RunAsync(
            task.RepoUrl,
            task.Agent.Run ?? [],
            checkout,
            variables,
            WithFeedback(task),
            task.Agent.Timeout ?? DefaultTimeout,
            task.Log,
            cancellationToken);
        if (outcome.ExitCode != 0) throw new StepException(ErrorCodes.AgentFailed, outcome.Describe()) { Usage = outcome.Usage };
        if (outcome.UsageFault is { } fault) throw new StepException(ErrorCodes.AgentFailed, fault) { Usage = outcome.Usage };
        var output = outcome.Output.Length > MostSummary ? "…" + outcome.Output[^MostSummary..] : outcome.Output;
        var summary = $"{Markup.Code(outcome.Command)} ended with exit code 0.\n{(output.Length == 0 ? "" : $"\n{Markup.Block(output, mostLines: 200)}\n")}";
        return new AgentResult(summary, task.Path is null ? null : Digest(checkout, task.Path, outcome.Usage)) { Usage = outcome.Usage };
    }

    private static string Digest(ICheckout checkout, string path, AgentUsage usage)
    {
        try
        {
            return new DocumentFolder(checkout.Directory, path).CheckedDigest();
        }
        catch (StepException e)
        {
            // What was used up counts, whatever became of it.
            throw new StepException(e.Code, e.Message, e.IsTransient, e) { Usage = usage };
        }
    }

    private static string WithFeedback(AgentTask task) => task.Feedback is null
        ? task.Prompt
        : $"{task.Prompt}\n\nThis was done before and is in the checkout. It was turned down (round {task.Round - 1}):\n\n{task.Feedback}\n".TrimStart();

    private static string Bounded(string text) => text.Length <= LongestPrompt ? text : "";
}
