using Microsoft.AspNetCore.Http;
using QuantaPilot.Api.Access;
using QuantaPilot.Api.Audit;
using QuantaPilot.Api.Http;
using QuantaPilot.Api.Runs;
using QuantaPilot.Core.Audit;
using QuantaPilot.Core.Contracts;
using QuantaPilot.Core.Orchestrations;
using QuantaPilot.Core.Ports;
using QuantaPilot.Core.Runs;
using QuantaPilot.Core.Telemetry;

namespace QuantaPilot.Api.Gates;

/// <summary>
/// Takes decisions. The store counts the vote; once a gate is decided its orchestration is told, and only then the caller.
/// </summary>
internal sealed class Decisions(IRunStore store, RunSignals signals, VisibleRuns visible, AuditTrail audit, TimeProvider time)
{
    private const int MaxHeadShaLength = 64;

    public async Task<Outcome<DecisionAnswer>> DecideAsync(Caller caller, string? runId, string? gateName, DecisionRequest request)
    {
        if (!GateName.IsValid(gateName)) return ProblemResult.NotFound($"There is no such gate. Gates are {GateName.Accepted}.");
        var errors = FindFaults(request);
        if (errors.Count > 0) return ProblemResult.Invalid(errors);
        if (await visible.FindAsync(caller, runId, CancellationToken.None) is not { } seen) return ProblemResult.NoSuchRun();

        var reason = request.Reason is { } text ? Redactor.Redact(text) : null;
        var vote = new Vote(caller.Name, request.Approved!.Value, reason, time.GetUtcNow()) { Subject = caller.Subject };
        if (await VoteAsync(caller, seen, gateName!, vote, request.HeadSha) is not var (run, result, settled))
            return ProblemResult.NoSuchRun();
        var gate = run.Gates.FirstOrDefault(g => g.Name == gateName);
        // Together with the entry, so that both share a commit.
        if (gate is { Decision: { } decision, DecisionRecorded: false } && result is VoteResult.Applied or VoteResult.AlreadyDecided)
            await signals.RaiseAsync(run, new RunSignal(RunSignalKind.Decision, Decision: decision), CancellationToken.None);
        await settled;

        if (result == VoteResult.Applied) Instruments.RecordGateWait(gate!, vote.At, gate!.Status);
        return result switch
        {
            VoteResult.Applied or VoteResult.Recorded or VoteResult.AlreadyDecided =>
                new DecisionAnswer(result, GateResource.From(run.RunId, gate!)),
            VoteResult.GateNotPending => Conflict(run, ErrorCodes.GateNotPending, NotPending(run, gateName!)),
            VoteResult.Stale =>
                Conflict(run, ErrorCodes.Stale, $"The gate asks for a review of {gate!.Review.HeadSha}, which is not the head_sha given."),
            VoteResult.AlreadyVoted =>
                Conflict(run, ErrorCodes.AlreadyVoted, "This approver has voted otherwise on this gate; votes don't change."),
            VoteResult.SelfApproval => new ProblemResult(
                StatusCodes.Status403Forbidden,
                ErrorCodes.SelfApproval,
                "Who started the run can't approve this gate: another approver is needed.",
                run.RunId),
            _ => throw new InvalidOperationException($"No answer for {result}."),
        };
    }

    /// <summary>Once begun it is carried through, also for a caller who has hung up.</summary>
    /// <returns>The run, what became of the vote, and its audit entry being settled; null if the run is gone.</returns>
    private async Task<(RunSnapshot Run, VoteResult Result, Task Settled)?> VoteAsync(
        Caller caller, RunSnapshot seen, string gate, Vote vote, string? headSha)
    {
        var entry = audit.EntryFor(caller, vote.Approved ? AuditAction.ApproveGate : AuditAction.RejectGate, seen) with { Gate = gate };
        var (unchanged, early) = seen.Vote(gate, vote, headSha);
        if (ReferenceEquals(unchanged, seen))
        {
            // Told from what was just read. Whoever asks too early asks again and again: that is no action, and costs no commit.
            if (early == VoteResult.SelfApproval) await audit.BeginAsync(entry with { Outcome = AuditOutcome.Refused });
            return (seen, early, Task.CompletedTask);
        }
        await audit.BeginAsync(entry);
        var voted = await store.VoteAsync(seen.RunId, gate, vote, headSha, CancellationToken.None);
        var settled = audit.SettleAsync(entry, OutcomeOf(voted?.Result));
        if (voted is var (run, result)) return (run, result, settled);
        await settled;
        return null;
    }

    private static AuditOutcome OutcomeOf(VoteResult? result) => result switch
    {
        VoteResult.Applied or VoteResult.Recorded => AuditOutcome.Accepted,
        VoteResult.SelfApproval => AuditOutcome.Refused,
        _ => AuditOutcome.NoEffect,
    };

    private static Dictionary<string, string> FindFaults(DecisionRequest request)
    {
        var errors = new Dictionary<string, string>(StringComparer.Ordinal);
        if (request.Approved is null) errors["approved"] = "is required: true or false";
        if (FreeText.FindFault(request.Reason) is { } fault) errors["reason"] = fault;
        else if (request.Approved == false && string.IsNullOrWhiteSpace(request.Reason)) errors["reason"] = "is required for a rejection";
        if (request.HeadSha is { } sha && (sha.Length is < 40 or > MaxHeadShaLength || !sha.All(char.IsAsciiHexDigitLower)))
            errors["head_sha"] = "must be a commit id: 40 to 64 lower-case hexadecimal digits";
        return errors;
    }

    private static string NotPending(RunSnapshot run, string gate)
    {
        var status = run.Status.ToString().ToLowerInvariant();
        return run.PendingGate is { } pending && !run.Status.HasEnded()
            ? $"The gate {gate} does not wait for a decision; {pending.Name} does. The run is {status}."
            : $"The gate {gate} does not wait for a decision. The run is {status}.";
    }

    private static ProblemResult Conflict(RunSnapshot run, string code, string detail) =>
        new(StatusCodes.Status409Conflict, code, detail, run.RunId);
}
