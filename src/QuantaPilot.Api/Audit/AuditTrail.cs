using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using QuantaPilot.Api.Access;
using QuantaPilot.Api.Gates;
using QuantaPilot.Api.Http;
using QuantaPilot.Core.Audit;
using QuantaPilot.Core.Ports;
using QuantaPilot.Core.Runs;

namespace QuantaPilot.Api.Audit;

/// <summary>
/// Keeps account of what callers do. The entry is durable before the action begins, and is settled after it; a crash in between
/// leaves an entry that says <see cref="AuditOutcome.Begun"/>, never an action without one.
/// </summary>
internal sealed class AuditTrail(IAuditLog log, IRunStore runs, TimeProvider time, ILogger<AuditTrail> logger)
{
    /// <summary>An entry about a run.</summary>
    public AuditEntry EntryFor(Caller caller, AuditAction action, RunSnapshot run) =>
        EntryFor(caller, action, [run.Project]) with { RunId = run.RunId };

    /// <summary>An entry about something that reaches so many projects.</summary>
    public AuditEntry EntryFor(Caller caller, AuditAction action, IReadOnlyList<string> projects) => new()
    {
        Id = Guid.CreateVersion7(time.GetUtcNow()).ToString("N"),
        At = time.GetUtcNow(),
        Actor = caller.Name,
        ActorId = caller.TokenId,
        Action = action,
        Outcome = AuditOutcome.Begun,
        Projects = projects,
        RequestId = caller.RequestId,
    };

    /// <summary>Adds the entry. Nothing is done before this returns; a refusal is complete with it.</summary>
    public Task BeginAsync(AuditEntry entry) => log.AddAsync(entry, CancellationToken.None);

    /// <summary>
    /// Notes what became of the action. Never fails: the action is done, and its answer must not depend on this. Where it can't be
    /// noted, the entry goes on saying that nobody knows.
    /// </summary>
    public async Task SettleAsync(AuditEntry entry, AuditOutcome outcome)
    {
        try
        {
            await log.SettleAsync(entry, outcome, CancellationToken.None);
        }
#pragma warning disable CA1031 // Whatever ails the log, the caller is told what became of the action.
        catch (Exception e)
#pragma warning restore CA1031
        {
            Logs.AuditNotSettled(logger, e, entry.Id);
        }
    }

    /// <summary>Adds the entry, acts, and settles the entry by the result. Once begun it is carried through.</summary>
    /// <param name="entry">From <c>EntryFor</c>.</param>
    /// <param name="act">The action.</param>
    /// <param name="outcomeOf">What a result means.</param>
    /// <exception cref="OrchestrationBusyException">From <paramref name="act"/>: nothing was stored, and the entry says so.</exception>
    public async Task<T> ActAsync<T>(AuditEntry entry, Func<Task<T>> act, Func<T, AuditOutcome> outcomeOf)
    {
        await BeginAsync(entry);
        T result;
        try
        {
            result = await act();
        }
        catch (OrchestrationBusyException)
        {
            await SettleAsync(entry, AuditOutcome.NoEffect);
            throw;
        }
        await SettleAsync(entry, outcomeOf(result));
        return result;
    }

    /// <summary>Notes a decision by somebody who has no role for it. Other requests that are refused are not in the log.</summary>
    public async Task RefuseDecisionAsync(HttpContext context, Caller caller)
    {
        var run = RunId.TryParse(context.PathValue("run_id"), out var id) ? await runs.GetAsync(id, context.RequestAborted) : null;
        var entry = run is null
            ? EntryFor(caller, AuditAction.DecideGate, caller.Projects)
            : EntryFor(caller, AuditAction.DecideGate, run);
        var gate = context.PathValue("gate");
        await log.AddAsync(
            entry with { Outcome = AuditOutcome.Refused, Gate = GateName.IsValid(gate) ? gate : null }, CancellationToken.None);
    }
}
