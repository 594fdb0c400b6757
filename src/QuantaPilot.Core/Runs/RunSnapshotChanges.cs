namespace QuantaPilot.Core.Runs;

/// <summary>The pure changes of a snapshot. Stores call them inside their transaction.</summary>
public static class RunSnapshotChanges
{
    /// <summary>The snapshot after an event. One that was applied before (by its revision) changes nothing.</summary>
    /// <exception cref="RevisionGapException">The event is not the next one.</exception>
    public static RunSnapshot Apply(this RunSnapshot run, RunEvent e)
    {
        if (e.Revision <= run.Revision) return run;
        if (e.Revision != run.Revision + 1) throw new RevisionGapException(run.RunId, run.Revision, e.Revision);
        var next = run with { Revision = e.Revision, Sequence = e.Sequence ?? run.Sequence, UpdatedAt = e.At };
        return e switch
        {
            RunStarted => next with { Status = RunStatus.Running, StartedAt = e.At },
            RunQueued => next with { Status = RunStatus.Queued },
            StepStarted step => next with { Status = RunStatus.Running, Step = step.Step },
            DocumentationGenerated docs => next.WithPullRequest(docs.PullRequest, docs.HeadSha),
            PullRequestOpened opened => next.WithPullRequest(opened.PullRequest, opened.HeadSha),
            PullRequestMerged merged => next with
            {
                PullRequests = [.. next.PullRequests.Select(
                    pr => pr.Number == merged.Number ? pr with { MergeSha = merged.MergeSha } : pr)],
            },
            PullRequestSuperseded old => next with
            {
                PullRequests = [.. next.PullRequests.Select(pr => pr.Number == old.Number ? pr with { SupersededBy = old.By } : pr)],
            },
            MilestonesPlanned plan => next with
            {
                Milestones = [.. plan.Milestones.Select(m =>
                    new MilestoneState(m.Id, m.Title, m.Completed == true ? MilestoneStatus.Completed : MilestoneStatus.Planned))],
            },
            StepBegunAnew anew => next with
            {
                Attempts = [.. (next.Attempts ?? []).Where(a => a.Step != anew.Step), new StepAttempt(anew.Step, anew.Attempt)],
            },
            MilestoneStarted started => next.WithMilestone(started.MilestoneId, MilestoneStatus.Running),
            MilestoneCompleted completed => next.WithMilestone(completed.MilestoneId, MilestoneStatus.Completed),
            GateRequested requested => next.WithGate(requested),
            // Whatever votes came meanwhile stand.
            GateReminded => next,
            GateWithdrawn withdrawn => next.WithoutGate(withdrawn),
            GateDecided decided => next with
            {
                Status = RunStatus.Running,
                Gates = [.. next.Gates.Select(gate => gate.Name == decided.Gate ? gate.Recorded(decided) : gate)],
            },
            PauseRequested pause => next with { Status = RunStatus.Pausing, StatusReason = pause.Reason },
            PauseWithdrawn => next with { Status = RunStatus.Running, StatusReason = null },
            RunPaused paused => next with { Status = RunStatus.Paused, StatusReason = paused.Reason },
            RunResumed => next with
            {
                Status = next.StartedAt is null ? RunStatus.Queued : next.PendingGate is null ? RunStatus.Running : RunStatus.Waiting,
                StatusReason = null,
            },
            LimitsSet set => next.WithLimits(set.Limits),
            UsageAdded used => next with { Usage = (next.Usage ?? RunUsage.None).After(used.Usage, used.Worked) },
            LimitNeared neared => next with { Warnings = [.. next.Warnings ?? [], new LimitWarning(neared.Limit, e.At)] },
            ReworkStarted { MilestoneId: null } rework => next with { DocumentationRound = rework.Round },
            ReworkStarted rework => next with
            {
                Milestones = [.. next.Milestones.Select(m => m.Id == rework.MilestoneId ? m with { Round = rework.Round } : m)],
            },
            CancelRequested cancel => next with { Status = RunStatus.Cancelling, StatusReason = cancel.Reason },
            RunFailed failed => next with
            {
                Status = failed.ErrorCode == ErrorCodes.Cancelled ? RunStatus.Cancelled : RunStatus.Failed,
                Error = new RunError(failed.ErrorCode, failed.Message),
                EndedAt = e.At,
                Gates = [.. next.Gates.Select(
                    gate => gate.Status == GateStatus.Pending ? gate with { Status = GateStatus.Cancelled } : gate)],
            },
            RunCompleted => next with { Status = RunStatus.Completed, EndedAt = e.At },
            _ => throw new InvalidOperationException($"No rule for {e.GetType().Name}."),
        };
    }

    /// <summary>Counts a vote on a gate. The outcome is decided here and nowhere else, so that the answer to the voter is true.</summary>
    /// <param name="run">The run.</param>
    /// <param name="gateName">The gate.</param>
    /// <param name="vote">Who votes what.</param>
    /// <param name="headSha">The head that the voter reviewed, if the voter says so.</param>
    public static (RunSnapshot Run, VoteResult Result) Vote(this RunSnapshot run, string gateName, Vote vote, string? headSha)
    {
        var gate = run.Gates.FirstOrDefault(g => g.Name == gateName);
        if (gate?.Decision is not null) return (run, VoteResult.AlreadyDecided);
        if (gate is not { Status: GateStatus.Pending } || run.Status.HasEnded()) return (run, VoteResult.GateNotPending);
        if (headSha is not null && headSha != gate.Review.HeadSha) return (run, VoteResult.Stale);
        if (vote.Approved && !gate.SelfApproval && vote.Voter.IsSameAs(run.Requester)) return (run, VoteResult.SelfApproval);
        if (gate.Votes.FirstOrDefault(v => v.Voter.IsSameAs(vote.Voter)) is { } earlier)
        {
            return (run, earlier.Approved == vote.Approved ? VoteResult.Recorded : VoteResult.AlreadyVoted);
        }
        IReadOnlyList<Vote> votes = [.. gate.Votes, vote];
        var status = !vote.Approved ? GateStatus.Rejected
            : votes.Count(v => v.Approved) >= gate.ApprovalsNeeded ? GateStatus.Approved
            : GateStatus.Pending;
        var after = run.With(gate with { Votes = votes, Status = status }) with { UpdatedAt = vote.At };
        return (after, status == GateStatus.Pending ? VoteResult.Recorded : VoteResult.Applied);
    }

    /// <summary>Times a gate out unless it has been decided: between a decision and a time-out, the first to get here wins.</summary>
    /// <returns>The snapshot, and the decision that came first, or null if the gate has timed out.</returns>
    public static (RunSnapshot Run, GateDecision? Decision) TimeOut(this RunSnapshot run, string gateName, int request)
    {
        var gate = run.Gates.First(g => g.Name == gateName && g.Request == request);
        return gate.Status == GateStatus.Pending
            ? (run.With(gate with { Status = GateStatus.TimedOut }), null)
            : (run, gate.Decision);
    }

    private static RunSnapshot With(this RunSnapshot run, Gate gate) =>
        run with { Gates = [.. run.Gates.Select(g => g.Name == gate.Name ? gate : g)] };

    private static RunSnapshot WithGate(this RunSnapshot run, GateRequested e)
    {
        var earlier = run.Gates.FirstOrDefault(g => g.Name == e.Gate);
        // Votes are for a head: they stay when the gate is asked for again with the same one, after a time-out.
        var votes = earlier?.Review.HeadSha == e.Review.HeadSha ? earlier.Votes : [];
        var gate = new Gate(
            e.Gate, e.Request, GateStatus.Pending, e.Description, e.At, e.ExpiresAt, e.ApprovalsNeeded, e.SelfApproval, votes, e.Review, false);
        IReadOnlyList<Gate> gates = earlier is null ? [.. run.Gates, gate] : [.. run.Gates.Select(g => g.Name == e.Gate ? gate : g)];
        return run with { Status = RunStatus.Waiting, Gates = gates };
    }

    /// <summary>A gate that was decided first stays decided.</summary>
    private static RunSnapshot WithoutGate(this RunSnapshot run, GateWithdrawn e) =>
        run.Gates.FirstOrDefault(g => g.Name == e.Gate && g.Request == e.Request) is { Status: GateStatus.Pending } gate
            ? run.With(gate with { Status = GateStatus.Cancelled }) with { Status = RunStatus.Running }
            : run;

    private static Gate Recorded(this Gate gate, GateDecided e) => gate with
    {
        DecisionRecorded = true,
        Status = gate.Status == GateStatus.TimedOut ? GateStatus.TimedOut : e.Approved ? GateStatus.Approved : GateStatus.Rejected,
    };

    /// <summary>Warnings of limits that are far off again are withdrawn.</summary>
    private static RunSnapshot WithLimits(this RunSnapshot run, RunLimits limits)
    {
        var near = limits.NearedBy(run.Usage ?? RunUsage.None).ToList();
        return run with { Limits = limits, Warnings = run.Warnings?.Where(warning => near.Contains(warning.Limit)).ToList() };
    }

    private static RunSnapshot WithPullRequest(this RunSnapshot run, PullRequestRef pullRequest, string headSha)
    {
        var state = new PullRequestState(pullRequest.Number, pullRequest.Url, pullRequest.Branch, headSha, null);
        return run with { PullRequests = [.. run.PullRequests.Where(pr => pr.Number != pullRequest.Number), state] };
    }

    private static RunSnapshot WithMilestone(this RunSnapshot run, string id, MilestoneStatus status) =>
        run with { Milestones = [.. run.Milestones.Select(m => m.Id == id ? m with { Status = status } : m)] };
}

/// <summary>An event was recorded before the one that precedes it. Recording it again later succeeds.</summary>
public sealed class RevisionGapException(RunId runId, long present, long offered)
    : Exception($"Run {runId} stands at revision {present}; revision {offered} cannot be applied yet.");
