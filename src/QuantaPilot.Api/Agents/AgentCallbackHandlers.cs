using System.Security.Cryptography;
using Microsoft.AspNetCore.Http;
using QuantaPilot.Api.Access;
using QuantaPilot.Api.Audit;
using QuantaPilot.Api.Http;
using QuantaPilot.Api.Limits;
using QuantaPilot.Api.Runs;
using QuantaPilot.Core.Agents;
using QuantaPilot.Core.Audit;
using QuantaPilot.Core.Contracts;
using QuantaPilot.Core.Orchestrations;
using QuantaPilot.Core.Ports;
using QuantaPilot.Core.Runs;

namespace QuantaPilot.Api.Agents;

/// <summary>
/// What agents elsewhere say of their tasks. An answer is durable, and its run told, before it is confirmed; a repeat of it is confirmed
/// again, and another one refused.
/// </summary>
internal sealed class AgentCallbackHandlers(
    IRunStore runs,
    IAgentTaskStore tasks,
    SignedCallbacks signed,
    IRunLogs logs,
    RunSignals signals,
    RequestLimits limits,
    AuditTrail audit)
{
    public async Task<IResult> AnswerAsync(HttpContext context)
    {
        if (new QueryReader(context).Problem is { } query) return query;
        var received = await signed.ReadAsync(context);
        if (!received.Succeeded(out var callback, out var problem)) return problem;
        var (task, body) = callback;
        var caller = CallerOf(task, context);
        if (await limits.CountAsync(context, RequestKind.Write, caller) is { } tooMany) return tooMany;
        if (!RequestBody.IsJson(context)) return RequestBody.UnsupportedMediaType();
        if (!StrictJson.Read(body, CoreJson.Default.AgentCallback).Succeeded(out var said, out problem)) return problem;
        if (AgentCallbackValidator.Validate(said) is { Count: > 0 } errors) return ProblemResult.Invalid(errors);
        if (await runs.GetAsync(task.RunId, context.RequestAborted) is not { } run || run.Status.HasEnded())
            return InvalidState(task, "The run has ended: no answer is taken any more.");
        return said.Status == "running"
            ? await NoteProgressAsync(task, said.Message!)
            : await TakeAnswerAsync(task, run, caller, body);
    }

    private async Task<IResult> NoteProgressAsync(RemoteTask task, string message)
    {
        var after = await tasks.UpdateAsync(task.RunId, task.Step, task.Round, present => present.WithMessage(), CancellationToken.None);
        if (after is null or { State: not RemoteTaskState.Open }) return InvalidState(task, "The task has been answered or given up.");
        if (task.Messages == RemoteTask.MaxMessages)
            return InvalidState(task, $"{RemoteTask.MaxMessages} messages of progress have come: only an answer is taken any more.");
        await using var log = logs.Open(task.RunId, task.Step, task.Round, task.Agent);
        log.Write(message);
        return Recorded();
    }

    private async Task<IResult> TakeAnswerAsync(RemoteTask task, RunSnapshot run, Caller caller, byte[] body)
    {
        var digest = Convert.ToHexStringLower(SHA256.HashData(body));
        if (task.State == RemoteTaskState.Told && task.AnswerDigest == digest) return Recorded();
        var told = await audit.ActAsync(
            audit.EntryFor(caller, AuditAction.AnswerTask, run),
            () => StoreAndTellAsync(task, run, digest, body),
            problem => problem is null ? AuditOutcome.Accepted : AuditOutcome.NoEffect);
        return told is { } problem ? problem : Recorded();
    }

    /// <returns>Why nothing came of it, or null.</returns>
    private async Task<ProblemResult?> StoreAndTellAsync(RemoteTask task, RunSnapshot run, string digest, byte[] body)
    {
        var after = await tasks.AnswerAsync(task.RunId, task.Step, task.Round, digest, body, CancellationToken.None);
        if (after?.Answer is not { } answer) return InvalidState(task, "The task was given up: no answer is taken any more.");
        if (answer.Digest != digest) return InvalidState(task, "The task has been answered otherwise.");
        if (after.State == RemoteTaskState.Told) return null;
        var signal = new RunSignal(RunSignalKind.AgentAnswered) { AgentAnswer = answer };
        if (!await signals.RaiseAsync(run, signal, CancellationToken.None))
            return InvalidState(task, "The run has ended: no answer is taken any more.");
        // A crash before this makes a repeat tell the run again, which then looks away.
        await tasks.UpdateAsync(task.RunId, task.Step, task.Round, present => present.Told(), CancellationToken.None);
        return null;
    }

    /// <summary>Who makes the request, for limits and the audit log. An agent has no roles and sees no projects.</summary>
    private static Caller CallerOf(RemoteTask task, HttpContext context) => new()
    {
        TokenId = $"agent:{task.Endpoint}",
        Name = task.Endpoint,
        Roles = [],
        Projects = [],
        Scope = new RepositoryPolicy([]),
        RequestId = context.TraceIdentifier,
    };

    private static JsonResult<AgentCallbackAnswer> Recorded() =>
        new(new AgentCallbackAnswer("recorded"), CoreJson.Default.AgentCallbackAnswer);

    private static ProblemResult InvalidState(RemoteTask task, string detail) =>
        new(StatusCodes.Status409Conflict, ErrorCodes.InvalidState, detail, task.RunId);
}
