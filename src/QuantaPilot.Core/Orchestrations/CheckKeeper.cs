using QuantaPilot.Core.Activities;
using QuantaPilot.Core.Pipeline;
using QuantaPilot.Core.Ports;
using QuantaPilot.Core.Runs;

namespace QuantaPilot.Core.Orchestrations;

/// <summary>What came of the checks of a pull request.</summary>
/// <param name="Review">What is to be reviewed: the head that the checks were about.</param>
/// <param name="Failure">
/// Null if they succeeded; else which failed and why, or that they have not ended, for people and agents to read.
/// </param>
internal sealed record CheckOutcome(GateReview Review, string? Failure);

/// <summary>
/// Keeps an eye on the pull request that is open: waits for its checks by polling on durable timers, and finds out whether somebody
/// has pushed to it. What the forge tells of itself brings a poll forward; nothing is believed of it without a look.
/// </summary>
internal sealed class CheckKeeper(IOrchestrationContext context, RunSession run)
{
    /// <summary>The pause after the first poll is of 10 s at most, later ones of up to 5 minutes.</summary>
    private static readonly RetryPolicy Polls = new(int.MaxValue, TimeSpan.FromSeconds(10), 1.5, TimeSpan.FromMinutes(5));

    /// <summary>Between two polls that the forge has brought forward: it tells of each check by itself.</summary>
    private static readonly TimeSpan Spacing = TimeSpan.FromSeconds(5);

    /// <summary>For so long a commit without checks is taken for one whose checks have not been set up yet.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromMinutes(1);

    /// <summary>How long checks are awaited where quantapilot.yml sets no <c>limits.duration</c>. Pauses don't count.</summary>
    private static readonly TimeSpan DefaultPatience = TimeSpan.FromHours(24);

    private const int MaxNamed = 10;

    private RunTarget _target = new("", "");
    private TimeSpan _patience = DefaultPatience;

    /// <summary>How many changes the forge had told of when it was last looked at.</summary>
    private int _looked;

    /// <summary>To be called once the run is prepared.</summary>
    public void Begin(RunTarget target, PipelineDefinition pipeline)
    {
        _target = target;
        _patience = pipeline.Limits?.Duration ?? DefaultPatience;
    }

    /// <summary>
    /// Awaits the checks of a pull request, then takes it out of draft. At once where the forge has none. A push meanwhile begins the
    /// wait anew, for the new head.
    /// </summary>
    /// <exception cref="RunEndedException">The forge can't be asked for good, or the run was cancelled.</exception>
    public async Task<CheckOutcome> AwaitAsync(GateReview review)
    {
        if (run.Forge is not { HasChecks: true }) return new CheckOutcome(review, null);
        run.Record(new StepStarted($"checks:{review.PullRequest.Number}"));
        var since = context.UtcNow;
        for (var poll = 1; ; poll++)
        {
            since += await PauseIfAskedAsync();
            var acceptsNone = context.UtcNow - since >= Grace;
            var result = await CallAsync(review, headOnly: false, acceptsNone);
            if (result.Failure is { Transient: false } fault) throw new RunEndedException(fault.Code, fault.Message);
            if (result.Value is { } found && found.HeadSha != review.HeadSha)
            {
                review = Move(review, found.HeadSha, "while its checks ran");
                (since, poll) = (context.UtcNow, 0);
                continue;
            }
            var report = result.Value?.Report;
            if (report?.State == CheckState.Succeeded || (report?.State == CheckState.None && acceptsNone))
                return new CheckOutcome(review, null);
            if (report is { State: CheckState.Failed }) return new CheckOutcome(review, Describe(review, report.Failed));
            if (context.UtcNow - since >= _patience) return new CheckOutcome(review, DescribeWait(review, report));

            var earliest = context.UtcNow + (result.Failure?.RetryAfter ?? Spacing);
            var due = context.UtcNow + Polls.DelayAfter(poll, context.NewGuid());
            // A commit without checks is decided about as soon as its time is over.
            if (report?.State == CheckState.None && since + Grace < due) due = since + Grace;
            since += await WaitAsync(earliest, due > earliest ? due : earliest);
        }
    }

    /// <summary>True if the forge has told of another head since it was last looked at.</summary>
    public bool MayHaveMoved(GateReview review) =>
        _looked != run.Inbox.ForgeChanges && run.Inbox.HeadOf(review.PullRequest.Number) is { } head && head != review.HeadSha;

    /// <summary>The present head, if it is not the one under review; null also where that can't be found out: the merge will.</summary>
    public async Task<string?> FindMovedHeadAsync(GateReview review)
    {
        var found = await CallAsync(review, headOnly: true, acceptsNone: false);
        return found.Value is { } value && value.HeadSha != review.HeadSha ? value.HeadSha : null;
    }

    /// <summary>What is to be reviewed after a push.</summary>
    public GateReview Move(GateReview review, string headSha, string when)
    {
        run.Record(new PullRequestOpened(review.PullRequest, headSha));
        return review.At(headSha, when);
    }

    private async Task<StepResult<PullRequestLook>> CallAsync(GateReview review, bool headOnly, bool acceptsNone)
    {
        _looked = run.Inbox.ForgeChanges;
        var result = await run.CallAsync<LookAtPullRequestInput, PullRequestLook>(
            step: null,
            ActivityNames.LookAtPullRequest,
            events => new LookAtPullRequestInput(run.Id, events, _target, review.PullRequest, review.HeadSha, headOnly, acceptsNone));
        run.ThrowIfCancelled();
        return result;
    }

    /// <summary>Until the poll is due; or, but for <paramref name="earliest"/>, as soon as the forge tells of something.</summary>
    /// <returns>For how long the run was paused meanwhile.</returns>
    private async Task<TimeSpan> WaitAsync(DateTimeOffset earliest, DateTimeOffset due)
    {
        using var cancellation = new CancellationTokenSource();
        var paused = TimeSpan.Zero;
        (Task Timer, DateTimeOffset At)? wait = null;
        try
        {
            while (true)
            {
                // Signals may have come during the poll.
                paused += await PauseIfAskedAsync();
                var next = run.Inbox.ForgeChanges == _looked ? due : earliest;
                if (context.UtcNow >= next) return paused;
                // Backends that cut off fractions of a second fire early.
                if (wait is not { Timer.IsCompleted: false } || wait.Value.At != next)
                    wait = (context.CreateTimerAsync(next, cancellation.Token), next);
                await Task.WhenAny(wait.Value.Timer, run.Inbox.Next);
            }
        }
        finally
        {
            cancellation.Cancel();
        }
    }

    /// <returns>For how long the run was paused.</returns>
    private async Task<TimeSpan> PauseIfAskedAsync()
    {
        var before = context.UtcNow;
        await run.PauseIfAskedAsync();
        return context.UtcNow - before;
    }

    private static string Describe(GateReview review, IReadOnlyList<FailedCheck> failed)
    {
        var lines = failed.Take(MaxNamed).Select(check =>
            $"\n- {check.Name}{(check.Summary is { } summary ? $": {summary}" : "")}{(check.Url is { } url ? $" ({url})" : "")}");
        var more = failed.Count > MaxNamed ? $"\n- and {failed.Count - MaxNamed} more" : "";
        return $"Checks of pull request #{review.PullRequest.Number} failed at {review.HeadSha}:{string.Concat(lines)}{more}";
    }

    private string DescribeWait(GateReview review, CheckReport? report)
    {
        var pending = report is { Pending.Count: > 0 } ? $" Still pending: {string.Join(", ", report.Pending.Take(MaxNamed))}." : "";
        return $"The checks of pull request #{review.PullRequest.Number} have not ended within {DurationText.Format(_patience)} "
            + $"at {review.HeadSha}.{pending}";
    }
}
