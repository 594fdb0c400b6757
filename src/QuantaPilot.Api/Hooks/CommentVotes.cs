using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using QuantaPilot.Api.Access;
using QuantaPilot.Api.Gates;
using QuantaPilot.Core.Contracts;
using QuantaPilot.Core.Ports;
using QuantaPilot.Core.Runs;

namespace QuantaPilot.Api.Hooks;

/// <summary>
/// Takes comments of allowed people on pull requests for votes at the gates that wait for them, in the same way as the API takes votes,
/// and answers each with a comment.
/// </summary>
/// <param name="options">Who is allowed.</param>
/// <param name="runs">Finds the runs.</param>
/// <param name="decisions">Takes the votes.</param>
/// <param name="time">For the time that an answer may take.</param>
/// <param name="logger">Hears of answers that could not be given.</param>
/// <param name="forge">Takes the answers; null where there is none.</param>
internal sealed class CommentVotes(
    GitHubHookOptions options, HookedRuns runs, Decisions decisions, TimeProvider time, ILogger<CommentVotes> logger, IForge? forge = null)
{
    /// <summary>GitHub waits 10 s for the answer to its request.</summary>
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(5);

    /// <returns>True if the comment was a vote, whatever became of it.</returns>
    public async Task<bool> TakeAsync(HttpContext context, string project, GitHubPayload payload)
    {
        // Somebody who edits another's comment is not taken for them.
        if (payload is not
            {
                Action: "created",
                Issue: { PullRequest: not null } issue,
                Comment: { User: { Login: { } login, Id: var userId } } comment,
            }
            || payload.Sender?.Id != userId || CommentCommand.Read(comment.Body) is not { } command)
        {
            return false;
        }
        var projects = options.Approvers.Where(approver => approver.Login.Equals(login, StringComparison.OrdinalIgnoreCase))
            .Select(approver => approver.Projects).ToList();
        // To strangers nothing is said, not even that there is a gate.
        if (projects.Count == 0 || !new RepositoryPolicy(projects).AllowsProject(project)) return false;
        if (await runs.FindWaitingAsync(project, issue.Number, context.RequestAborted) is not { PendingGate: { } gate } run) return false;
        // Delivered again later, it is no answer to what the gate asks by then. GitHub tells whole seconds.
        if (comment.CreatedAt?.AddSeconds(1) < gate.RequestedAt) return false;

        var caller = CallerFor(login, userId, projects, context.TraceIdentifier);
        var answer = await DecideAsync(caller, run, gate, command);
        await AnswerAsync(run, gate, issue.Number, comment.Id, answer);
        return true;
    }

    private static Caller CallerFor(string login, long userId, IReadOnlyList<string> projects, string requestId)
    {
        var person = Person.OnGitHub(login, userId);
        return new Caller
        {
            TokenId = person.Subject!,
            Name = person.Name,
            Subject = person.Subject,
            Roles = [TokenRole.Approver],
            Projects = projects,
            Scope = new RepositoryPolicy(projects),
            RequestId = requestId,
        };
    }

    private async Task<string> DecideAsync(Caller caller, RunSnapshot run, Gate gate, CommentCommand command)
    {
        var head = command.Complete(gate);
        if (command.Approved && head is null)
            return $"Not counted: say which commit you reviewed. Gate `{gate.Name}` asks about `/approve {gate.Review.HeadSha}`.";
        if (head is not null && head.Length < gate.Review.HeadSha.Length)
            return $"Not counted: gate `{gate.Name}` asks for a review of {gate.Review.HeadSha}, which does not begin with {head}.";
        var decided = await decisions.DecideAsync(
            caller, run.RunId.ToString(), gate.Name, new DecisionRequest(command.Approved, command.Reason, head));
        if (!decided.Succeeded(out var answer, out var problem)) return $"Not counted: {problem.Detail}";
        return answer.Result switch
        {
            VoteResult.Applied => $"Gate `{gate.Name}` is {(command.Approved ? "approved" : "rejected")}.",
            VoteResult.Recorded => $"Counted: gate `{gate.Name}` takes {gate.ApprovalsNeeded} approvals.",
            _ => $"Gate `{gate.Name}` was decided before; nothing changed.",
        };
    }

    /// <summary>Once for each comment, however often GitHub delivers it. The vote stands whether the answer gets there or not.</summary>
    private async Task AnswerAsync(RunSnapshot run, Gate gate, int number, long commentId, string answer)
    {
        if (forge is null || !forge.GetTraits(run.RepoUrl).HasPages) return;
        using var late = new CancellationTokenSource(_patience, time);
        try
        {
            var key = $"{run.RunId}/{gate.Name}/answer/{commentId}";
            await forge.CommentAsync(run.RepoUrl, number, key, Redactor.Redact(answer), late.Token);
        }
        catch (StepException e)
        {
            Logs.CommentNotAnswered(logger, run.RunId, e.Code);
        }
        catch (OperationCanceledException) when (late.IsCancellationRequested)
        {
            Logs.CommentNotAnswered(logger, run.RunId, "timed_out");
        }
    }
}
