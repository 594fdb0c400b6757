using QuantaPilot.Core.Ports;

namespace QuantaPilot.Integrations.Command;

/// <summary>Runs the checks of a milestone as programs, in the environment of <see cref="CommandAgent"/> without a task.</summary>
public sealed class CommandCheckRunner : ICheckRunner
{
    private readonly CommandRunner _runner;

    /// <exception cref="FormatException">A glob of the options can match no repository.</exception>
    public CommandCheckRunner(CommandOptions options, TimeProvider time) => _runner = new CommandRunner(options, time);

    public string? FindRefusal(string repoUrl) => _runner.FindRefusal(repoUrl);

    /// <summary>A program that can't be started is a check that failed: the repository names it.</summary>
    public async Task<string?> RunAsync(
        string repoUrl,
        IReadOnlyList<string> command,
        TimeSpan timeout,
        ICheckout checkout,
        IRunLog log,
        CancellationToken cancellationToken)
    {
        try
        {
            var outcome = await _runner.RunAsync(
                repoUrl, command, checkout, new Dictionary<string, string>(), task: null, timeout, log, cancellationToken);
            return outcome.ExitCode == 0 ? null : outcome.Describe();
        }
        catch (StepException e) when (e.Code == Core.Runs.ErrorCodes.AgentFailed)
        {
            return e.Message;
        }
    }
}
