using QuantaPilot.Cli.Client;
using QuantaPilot.Cli.CommandLine;
using QuantaPilot.Cli.Output;
using QuantaPilot.Core.Contracts;
using QuantaPilot.Core.Runs;
using Spectre.Console;

namespace QuantaPilot.Cli.Runs;

/// <summary>Follows a run to its end: shows its events, says what it waits for, and asks at gates if somebody is there.</summary>
/// <param name="call">The command in action.</param>
/// <param name="events">Where events are shown.</param>
/// <param name="answer">Answers the gates, or null to wait for a decision from elsewhere.</param>
internal sealed class RunWatcher(CommandCall call, EventLines events, GateAnswer? answer)
{
    /// <summary>When the step is first looked up after an event, so that what is shown of it is not that of before.</summary>
    private static readonly TimeSpan FirstLook = TimeSpan.FromMilliseconds(200);

    /// <summary>How often the step is looked up while no event comes.</summary>
    private static readonly TimeSpan LookInterval = TimeSpan.FromSeconds(2);

    /// <summary>How often while the step tells how far it has come.</summary>
    private static readonly TimeSpan ProgressInterval = TimeSpan.FromSeconds(1);

    /// <summary>How often that is written where lines can't be rewritten: often enough to see that something goes on.</summary>
    private static readonly TimeSpan NoteInterval = TimeSpan.FromSeconds(30);

    private readonly IAnsiConsole _console = call.Environment.Error;
    private readonly CancellationToken _cancellationToken = call.CancellationToken;
    private string _progress = "starting";
    private Task<bool> _next = Task.FromResult(false);
    private long _noted = call.Environment.Time.GetTimestamp();

    /// <summary>
    /// Shows between events what the run is at: on a terminal in one line that is rewritten, elsewhere in a line every half a minute, and
    /// only while a step tells how far it has come.
    /// </summary>
    public bool ShowsProgress { get; init; }

    /// <summary>Shows what is to be reviewed before a gate is answered.</summary>
    public bool ShowsGates { get; init; } = true;

    /// <returns>The run as it ended, or as it is when the person said "later".</returns>
    /// <exception cref="CliException">The run is stuck.</exception>
    public async Task<Answer<RunResource>> WatchAsync(RunId runId)
    {
        var stream = new EventStream(call.Client, call.Environment.Time, text => _console.Line((text, Styles.Dim)));
        using var left = CancellationTokenSource.CreateLinkedTokenSource(_cancellationToken);
        await using var received = stream.ReadAsync($"runs/{runId}/events", left.Token).GetAsyncEnumerator(left.Token);
        _next = received.MoveNextAsync().AsTask();
        try
        {
            return await FollowAsync(runId, received);
        }
        finally
        {
            // An enumerator can't be disposed while it is being asked for the next event.
            await left.CancelAsync();
            await _next.ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        }
    }

    private async Task<Answer<RunResource>> FollowAsync(RunId runId, IAsyncEnumerator<ReceivedEvent> received)
    {
        while (true)
        {
            await AwaitAsync(_next, runId);
            var e = received.Current;
            events.Write(e);
            if (e.EndsRun) return await call.Client.GetRunAsync(runId, _cancellationToken);
            if (e.Name == "run_paused") await NotePauseAsync(runId);
            _next = received.MoveNextAsync().AsTask();
            if (e.Name == "gate_requested" && !await HandleGateAsync(runId, e["gate"], _next))
            {
                return await call.Client.GetRunAsync(runId, _cancellationToken);
            }
        }
    }

    private async Task AwaitAsync(Task<bool> next, RunId runId)
    {
        if (!ShowsProgress)
        {
            await LookAfterAsync(next, runId, _ => { });
        }
        else if (!_console.Profile.Out.IsTerminal)
        {
            await LookAfterAsync(next, runId, Note);
        }
        else if (!next.IsCompleted)
        {
            await _console.Status().Spinner(Spinner.Known.Dots).StartAsync(Markup.Escape(_progress), status =>
                LookAfterAsync(next, runId, run =>
                {
                    status.Status = Markup.Escape(_progress = ConsoleLines.Clean(Describe(run)));
                    status.Refresh();
                }));
        }
        await next;
    }

    private void Note(RunResource run)
    {
        if (run.Progress is null || call.Environment.Time.GetElapsedTime(_noted) < NoteInterval) return;
        _noted = call.Environment.Time.GetTimestamp();
        _console.Line((Describe(run), Styles.Dim));
    }

    /// <summary>
    /// Looks at the run from time to time until the next event comes: no event says that a run is stuck, or which step it is at.
    /// </summary>
    private async Task LookAfterAsync(Task<bool> next, RunId runId, Action<RunResource> show)
    {
        var wait = FirstLook;
        while (await Task.WhenAny(next, Task.Delay(wait, call.Environment.Time, _cancellationToken)) != next)
        {
            wait = LookInterval;
            _cancellationToken.ThrowIfCancellationRequested();
            RunResource run;
            try
            {
                run = (await call.Client.GetRunAsync(runId, _cancellationToken)).Value;
            }
            catch (CliException)
            {
                // The server is away: the stream says so, and gives up in the end.
                continue;
            }
            if (run.Status == RunStatus.Stuck)
                throw new CliException(
                    $"The run is stuck: {run.StatusReason} Nothing is lost: a build that fits its history continues it.");
            show(run);
            if (run.Progress is not null) wait = ProgressInterval;
        }
    }

    private static string Describe(RunResource run) => run.Status switch
    {
        RunStatus.Waiting => "waiting for a decision",
        RunStatus.Running => (run.Step ?? "running") + RunText.ProgressOf(run),
        RunStatus.Queued when RunText.QueueOf(run) is { } place => $"queued, {place}",
        _ => RunText.Word(run.Status),
    };

    private async Task NotePauseAsync(RunId runId)
    {
        if ((await call.Client.GetRunAsync(runId, _cancellationToken)).Value.Status == RunStatus.Paused)
            _console.Line($"Paused. Go on with: {call.Hint($"resume {runId}")}");
    }

    /// <returns>False if the person wants to decide later.</returns>
    private async Task<bool> HandleGateAsync(RunId runId, string name, Task<bool> next)
    {
        var run = (await call.Client.GetRunAsync(runId, _cancellationToken)).Value;
        var gate = run.Gates.FirstOrDefault(g => g.Gate == name);
        // An event of the past: the gate has been decided since.
        if (gate is not { Status: GateStatus.Pending } || run.Status.HasEnded()) return true;

        if (answer is null)
        {
            _console.Line(("waiting for a decision: ", Styles.Ask), (call.Hint($"approve {runId} {name}"), Styles.Plain));
            _console.Line(($"or: {call.Hint($"reject {runId} {name} --reason '…'")}", Styles.Dim));
            return true;
        }
        if (ShowsGates) GateText.Write(_console, gate, run.RepoUrl, run.Branch, call.Environment.Time);
        var (answered, decision) = await AskAsync(answer, gate, next);
        if (!answered) return true;
        if (decision is null) return false;
        await DecideAsync(runId, name, decision);
        return true;
    }

    /// <summary>Asks for as long as nothing else happens to the run: somebody else may decide, or the gate may time out.</summary>
    private async Task<(bool Answered, DecisionRequest? Decision)> AskAsync(GateAnswer ask, GateResource gate, Task<bool> next)
    {
        using var withdrawn = CancellationTokenSource.CreateLinkedTokenSource(_cancellationToken);
        var asking = ask(gate, withdrawn.Token);
        if (await Task.WhenAny(asking, next) != asking)
        {
            await withdrawn.CancelAsync();
        }
        try
        {
            return (true, await asking);
        }
        catch (OperationCanceledException) when (!_cancellationToken.IsCancellationRequested)
        {
            _console.Line(("The question no longer stands:", Styles.Dim));
            return (false, null);
        }
    }

    private async Task DecideAsync(RunId runId, string gate, DecisionRequest decision)
    {
        try
        {
            var result = (await call.Client.DecideAsync(runId, gate, decision, _cancellationToken)).Value;
            if (result.Result == VoteResult.Recorded)
            {
                var approvals = result.Gate.Votes.Count(vote => vote.Approved);
                _console.Line($"Recorded: {approvals} of {result.Gate.ApprovalsNeeded} approvals. Waiting for more.");
            }
        }
        catch (ProblemException e)
        {
            // The decision was refused (stale, not ours to make): the gate waits on, and whoever may can decide.
            ProblemText.Write(_console, e, call.Json);
            _console.Line($"The gate waits on: {call.Hint($"approve {runId} {gate}")}");
        }
    }
}
