using QuantaPilot.Cli.Client;
using QuantaPilot.Cli.CommandLine;
using QuantaPilot.Cli.Output;
using QuantaPilot.Core.Contracts;
using QuantaPilot.Core.Runs;

namespace QuantaPilot.Cli.Runs;

/// <summary>Watches a run for the person who started or resumed it, and tells how it ended.</summary>
internal static class Foreground
{
    public static async Task<int> WatchAsync(CommandCall call, RunId id)
    {
        var environment = call.Environment;
        GateAnswer? answer = environment.Interactive
            ? (gate, cancellationToken) => GatePrompt.AskAsync(environment.Error, gate, cancellationToken)
            : null;
        var watcher = new RunWatcher(
            call, new EventLines(environment.Error, environment.Time, json: false), answer)
        { ShowsProgress = true };
        var run = await FollowAsync(call, watcher, id);
        Tell(call, run);
        if (call.Connection.InProcess && run.Value.Status.HasEnded())
            await LocalGrants.PruneAsync(call.Connection.DataDirectory, call.Client, call.CancellationToken);
        return ExitCodes.For(run.Value);
    }

    /// <summary>Watches a run; who stops it is told how to go on.</summary>
    public static async Task<Answer<RunResource>> FollowAsync(CommandCall call, RunWatcher watcher, RunId id)
    {
        try
        {
            return await watcher.WatchAsync(id);
        }
        catch (OperationCanceledException) when (call.CancellationToken.IsCancellationRequested)
        {
            call.Environment.Error.Line(call.Connection.InProcess
                ? $"Stopped; nothing is lost. Go on with: {call.Hint($"resume {id}")}"
                : $"The run goes on at {call.Client.Url}. Follow it with: {call.Hint($"watch {id}")}");
            throw;
        }
    }

    private static void Tell(CommandCall call, Answer<RunResource> run)
    {
        var environment = call.Environment;
        var id = run.Value.RunId;
        if (call.Json)
        {
            environment.Out.Json(run.Json);
        }
        else
        {
            environment.Error.Line();
            RunText.Write(environment.Out, run.Value, environment.Time);
        }
        if (!run.Value.Status.HasEnded())
        {
            environment.Error.Line(call.Connection.InProcess
                ? $"Left as it is. Go on with: {call.Hint($"resume {id}")}"
                : $"It waits. Decide with: {call.Hint($"approve {id}")}");
        }
        if (run.Value.Error?.ErrorCode == ErrorCodes.AgentNotAllowed)
        {
            environment.Error.Line(call.Connection.InProcess
                ? $"If you trust this repository to run programs here, start again with --allow-commands {Shell.Quote(run.Value.RepoUrl)}"
                : $"Programs of a repository run only where the server was started with --allow-commands {Shell.Quote(run.Value.RepoUrl)}");
        }
    }
}
