using System.ComponentModel;
using System.Diagnostics;
using QuantaPilot.Core.Ports;
using QuantaPilot.Core.Runs;
using QuantaPilot.Integrations.Git;

namespace QuantaPilot.Integrations.Command;

/// <summary>
/// Starts the programs of repositories: only where the settings allow it, in an environment that holds nothing of the host's.
/// </summary>
internal sealed class CommandRunner(CommandOptions options, TimeProvider time)
{
    private const string MarkName = "QP_PROCESS";

    /// <summary>How long output is waited for once everything that could write it has been killed.</summary>
    private static readonly TimeSpan Drain = TimeSpan.FromSeconds(5);

    private readonly RepositoryPolicy _policy = new(options.AllowedRepositories);

    /// <summary>Why programs of this repository may not be started here; null if they may.</summary>
    public string? FindRefusal(string repoUrl) => RepositoryUrl.TryParse(repoUrl, out var url, out _) && _policy.Allows(url)
        ? null
        : "The settings of this host don't allow this repository to start programs (command agents and checks). "
            + "Whoever runs the host can allow it: with --allow-commands for qp.";

    /// <param name="repoUrl">The repository, which must be allowed.</param>
    /// <param name="command">Program and arguments.</param>
    /// <param name="checkout">Where it starts.</param>
    /// <param name="variables">QP_* variables besides QP_CHECKOUT.</param>
    /// <param name="task">What goes into the file that QP_TASK_FILE names, or null for none.</param>
    /// <param name="timeout">When it is killed.</param>
    /// <param name="log">Gets what it writes, as it comes.</param>
    /// <param name="cancellationToken">Kills it too.</param>
    /// <exception cref="StepException">agent_not_allowed, agent_timed_out; agent_failed if it could not be started.</exception>
    public async Task<CommandOutcome> RunAsync(
        string repoUrl, IReadOnlyList<string> command, ICheckout checkout, IReadOnlyDictionary<string, string> variables, string? task,
        TimeSpan timeout, IRunLog log, CancellationToken cancellationToken)
    {
        if (FindRefusal(repoUrl) is { } refusal) throw new StepException(ErrorCodes.AgentNotAllowed, refusal);
        if (command is not [{ Length: > 0 } program, ..])
        {
            throw new StepException(ErrorCodes.AgentFailed, "The command is empty: name a program and its arguments.");
        }
        var home = CreateHome();
        try
        {
            var environment = Environment(checkout.Directory, home.FullName, variables);
            var found = ProgramFinder.Find(program, checkout.Directory, environment["PATH"], out var fault)
                ?? throw new StepException(ErrorCodes.AgentFailed, $"The program could not be started: {fault}.");
            var usageFile = Path.Combine(home.FullName, "usage.json");
            if (task is not null)
            {
                environment["QP_USAGE_FILE"] = usageFile;
                environment["QP_TASK_FILE"] = Path.Combine(home.FullName, "task.md");
                await File.WriteAllTextAsync(environment["QP_TASK_FILE"], task, cancellationToken);
            }
            var begun = time.GetTimestamp();
            var (exitCode, output) = await RunAsync(
                found,
                command.Skip(1),
                checkout.Directory,
                environment,
                timeout,
                line => log.Write(Conceal(line, checkout.Directory, home.FullName)),
                cancellationToken);
            var usage = UsageFile.Read(usageFile, time.GetElapsedTime(begun).TotalSeconds, out var usageFault);
            var shown = Redactor.Redact(Conceal(output, checkout.Directory, home.FullName).TrimEnd());
            return exitCode is { } code
                ? new CommandOutcome(string.Join(' ', command), code, shown) { Usage = usage, UsageFault = usageFault }
                : throw new StepException(
                    ErrorCodes.AgentTimedOut,
                    $"{string.Join(' ', command)} was killed after {timeout}. The end of its output:\n{shown}")
                { Usage = usage };
        }
        finally
        {
            Delete(home);
        }
    }

    private async Task<(int? ExitCode, string Output)> RunAsync(
        string program,
        IEnumerable<string> arguments,
        string directory,
        Dictionary<string, string> environment,
        TimeSpan timeout,
        Action<string> log,
        CancellationToken cancellationToken)
    {
        var mark = Guid.NewGuid().ToString("N");
        environment[MarkName] = mark;
        var start = new ProcessStartInfo(ProcessTree.SessionStarter ?? program)
        {
            WorkingDirectory = directory,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        if (ProcessTree.SessionStarter is not null) start.ArgumentList.Add(program);
        foreach (var argument in arguments) start.ArgumentList.Add(argument);
        start.Environment.Clear();
        foreach (var (name, value) in environment) start.Environment[name] = value;

        using var process = new Process { StartInfo = start };
        using var timer = new CancellationTokenSource(timeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timer.Token, cancellationToken);
        Start(process, program);
        var tail = new OutputTail();
        using var drained = new CancellationTokenSource();
        var pumps = Task.WhenAll(
            tail.CopyFromAsync(process.StandardOutput.BaseStream, log, drained.Token),
            tail.CopyFromAsync(process.StandardError.BaseStream, log, drained.Token));
        var ended = false;
        try
        {
            process.StandardInput.Close();
            await process.WaitForExitAsync(either.Token);
            ended = true;
        }
        catch (OperationCanceledException)
        {
            cancellationToken.ThrowIfCancellationRequested();
        }
        finally
        {
            // Also after a normal end: what a program leaves running in the background would work on in a checkout that is gone.
            ProcessTree.End(process, $"{MarkName}={mark}");
            drained.CancelAfter(Drain);
            await pumps.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
        return (ended ? process.ExitCode : null, tail.ToString());
    }

    private static void Start(Process process, string program)
    {
        try
        {
            process.Start();
        }
        catch (Win32Exception e)
        {
            throw new StepException(
                ErrorCodes.AgentFailed, $"The program {Path.GetFileName(program)} could not be started: {e.Message}", inner: e);
        }
    }

    private Dictionary<string, string> Environment(string checkout, string home, IReadOnlyDictionary<string, string> variables)
    {
        var temporary = Directory.CreateDirectory(Path.Combine(home, "tmp")).FullName;
        var environment = new Dictionary<string, string>(StringComparer.Ordinal);
        string[] passed = OperatingSystem.IsWindows()
            ? ["SystemRoot", "PATHEXT", "ComSpec", .. options.PassEnvironment]
            : [.. options.PassEnvironment];
        foreach (var name in passed)
        {
            if (System.Environment.GetEnvironmentVariable(name) is { } value) environment[name] = value;
        }
        environment["PATH"] = System.Environment.GetEnvironmentVariable("PATH") is { Length: > 0 } path
            ? path
            : "/usr/local/bin:/usr/bin:/bin";
        environment["HOME"] = environment[OperatingSystem.IsWindows() ? "USERPROFILE" : "HOME"] = home;
        environment["TMPDIR"] = environment["TMP"] = environment["TEMP"] = temporary;
        environment["LANG"] = "C.UTF-8";
        foreach (var (name, value) in variables) environment[name] = value.Replace("\0", "", StringComparison.Ordinal);
        environment["QP_CHECKOUT"] = checkout;
        return environment;
    }

    /// <summary>
    /// Output is shown to people and kept in events: neither paths of the host nor what was passed by name belong there. Other secrets
    /// are redacted after it. Whoever shows less than all of it cuts what is left then: of a secret that is cut first, a half is not
    /// known for one.
    /// </summary>
    private string Conceal(string output, string checkout, string home)
    {
        foreach (var name in options.PassEnvironment)
        {
            if (System.Environment.GetEnvironmentVariable(name) is { Length: >= 6 } value)
            {
                output = output.Replace(value, $"[{name}]", StringComparison.Ordinal);
            }
        }
        return output.Replace(checkout, "[checkout]", StringComparison.Ordinal).Replace(home, "[home]", StringComparison.Ordinal);
    }

    private DirectoryInfo CreateHome()
    {
        if (options.HomeRoot is not { } root) return Directory.CreateTempSubdirectory("quantapilot-");
        var path = Path.Combine(root, $"home-{Guid.NewGuid():N}");
        if (OperatingSystem.IsWindows()) return Directory.CreateDirectory(path);
        const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
        Directory.CreateDirectory(root, OwnerOnly);
        return Directory.CreateDirectory(path, OwnerOnly);
    }

    private static void Delete(DirectoryInfo home)
    {
        try
        {
            // Package managers keep their caches there, in folders that nobody may write to.
            TempDirectories.MakeWritable(home.FullName);
            home.Delete(recursive: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // A program may have made files there as another user; the outcome doesn't hang on them. The next start tries again.
        }
    }
}

/// <param name="Command">As it was typed.</param>
/// <param name="ExitCode">0 if it went well.</param>
/// <param name="Output">The end of what it wrote.</param>
internal sealed record CommandOutcome(string Command, int ExitCode, string Output)
{
    /// <summary>What it used up.</summary>
    public required AgentUsage Usage { get; init; }

    /// <summary>Why what it says that it used up can't be read; null if it can, or if it says nothing.</summary>
    public string? UsageFault { get; init; }

    /// <summary>What a person needs to see of a failure.</summary>
    public string Describe() =>
        $"{Command} ended with exit code {ExitCode}{(Output.Length == 0 ? " and wrote nothing." : $". The end of its output:\n{Output}")}";
}
