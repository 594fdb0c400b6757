using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using QuantaPilot.Core.Agents;
using QuantaPilot.Core.Deliveries;
using QuantaPilot.Core.Limits;
using QuantaPilot.Core.Pipeline;
using QuantaPilot.Core.Ports;
using QuantaPilot.Core.Runs;
using QuantaPilot.Core.Telemetry;

namespace QuantaPilot.Core.Activities;

/// <summary>
/// The work of a run, over the ports. Each activity may run more than once for the same input and then goes on from what it
/// finds on the remote. Foreseen faults are answered as data; other exceptions are for the engine.
/// </summary>
public sealed partial class RunActivities(
    IRunStore store,
    IForge forge,
    IEnumerable<IAgent> agents,
    ICheckRunner checks,
    EventHandover handover,
    DailyBudget budget,
    ILogger<RunActivities>? logger = null,
    IRunLogs? logs = null,
    RemoteAgents? remoteAgents = null)
{
    private readonly ILogger _logger = logger ?? NullLogger<RunActivities>.Instance;
    private readonly PullRequests _pullRequests = new(store, forge, logger ?? NullLogger<RunActivities>.Instance);
    private readonly GateComments _comments = new(store, forge, logger ?? NullLogger<RunActivities>.Instance);
    private readonly Dictionary<string, IAgent> _agents = agents.ToDictionary(agent => agent.Type);
    private readonly IRunLogs _logs = logs ?? NoRunLogs.Instance;

    /// <summary>Resolves the branch, reads quantapilot.yml from it, and refuses what the host would refuse later on.</summary>
    public Task<StepResult<PreparedRun>> PrepareRunAsync(PrepareRunInput input, CancellationToken stopping) =>
        RunAsync<PreparedRun>(input, async cancelled =>
        {
            await using var checkout = await forge.CheckoutAsync(input.Target.RepoUrl, input.Target.Branch, null, null, cancelled);
            var path = input.QuantapilotYamlPath ?? PipelineReader.DefaultPath;
            var text = checkout.ReadText(path);
            if (text is null && input.QuantapilotYamlPath is not null)
            {
                throw new StepException(ErrorCodes.ConfigurationNotFound, $"There is no file {path} at commit {checkout.HeadSha}.");
            }
            var pipeline = text is null ? PipelineDefinition.Default : PipelineReader.Read(path, text);
            RequireAllowed(pipeline.Documentation.Agent, pipeline.Milestones, input.Target.RepoUrl);
            var traits = forge.GetTraits(input.Target.RepoUrl);
            return new PreparedRun(checkout.HeadSha, pipeline)
            {
                IsMetered = true,
                Forge = traits == ForgeTraits.None ? null : traits,
            };
        }, stopping);

    /// <summary>Reads the plan from a commit of the target branch.</summary>
    public Task<StepResult<PlanRead>> ReadPlanAsync(ReadPlanInput input, CancellationToken stopping) =>
        RunAsync<PlanRead>(input, async cancelled =>
        {
            await using var checkout = await forge.CheckoutAsync(input.Target.RepoUrl, input.Target.Branch, input.Commit, null, cancelled);
            return new PlanRead(ReadPlan(input.Source, checkout, input.Target.RepoUrl) ?? []);
        }, stopping);

    /// <summary>Has the documentation written and opens its pull request.</summary>
    public Task<StepResult<ReviewableWork>> WriteDocumentationAsync(WriteDocumentationInput input, CancellationToken stopping) =>
        RunAsync<ReviewableWork>(input, async (cancelled, spent) =>
        {
            const string step = WorkBranches.Documentation;
            var branch = WorkBranch(input, step);
            if (input.TakeUp is { } open && await TryTakeUpAsync(input, open, cancelled) is { } takenUp) return takenUp;
            await using var checkout = await forge.CheckoutAsync(
                input.Target.RepoUrl, input.Target.Branch, input.HeadSha, branch, cancelled);
            var documentation = input.Documentation;
            await using var log = _logs.Open(input.RunId, step, Round(input.Rework), documentation.Agent.Name);
            var target = input.Target;
            var task = new AgentTask(input.RunId, target.RepoUrl, target.Branch, step, "", documentation.Path, documentation.Agent)
            {
                Answer = input.Answer,
                Round = Round(input.Rework),
                Feedback = input.Rework?.Feedback,
                Log = log,
            };
            var result = await RunAgentAsync(task, checkout, spent, cancelled);
            var pushed = await checkout.CommitAndPushAsync(
                Trailer(input, step, input.Rework), $"Document the project in {documentation.Path}", cancelled);
            // Before anybody is asked: a plan at fault is no question for a reviewer.
            var plan = input.PlanSource is { } source ? ReadPlan(source, checkout, input.Target.RepoUrl) : null;
            var summary = ReviewSummary.OfDocumentation(result.Summary, plan, input.PlanSource, input.Rework);
            var work = DocumentationToReview(input, branch, summary, pushed.HeadSha, result.Digest);
            return await _pullRequests.OpenAsync(input, input.Target, work, cancelled) with { Plan = plan };
        }, stopping);

    /// <summary>Has an agent carry out one task of a milestone, on top of those before it.</summary>
    public Task<StepResult<TaskDone>> CarryOutTaskAsync(CarryOutTaskInput input, CancellationToken stopping) =>
        RunAsync<TaskDone>(input, async (cancelled, spent) =>
        {
            var step = $"{input.MilestoneId}/{input.TaskNumber}";
            var trailer = Trailer(input, step, input.Rework);
            await using var checkout = await forge.CheckoutAsync(
                input.Target.RepoUrl, input.Target.Branch, null, WorkBranch(input, input.MilestoneId), cancelled);
            if (checkout.HasCommitFor(trailer)) return new TaskDone(checkout.HeadSha, Redactor.Redact(input.Task.Prompt));
            var agent = input.Task.Agent;
            await using var log = _logs.Open(input.RunId, step, Round(input.Rework), agent.Name);
            var task = new AgentTask(
                input.RunId, input.Target.RepoUrl, input.Target.Branch, step, input.Task.Prompt, null, agent)
            {
                Answer = input.Answer,
                Round = Round(input.Rework),
                Feedback = input.Rework?.Feedback,
                Log = log,
            };
            var result = await RunAgentAsync(task, checkout, spent, cancelled);
            var pushed = await checkout.CommitAndPushAsync(trailer, Subject(input.Task.Prompt), cancelled);
            return new TaskDone(pushed.HeadSha, Redactor.Redact(result.Summary));
        }, stopping);

    /// <summary>Runs a milestone's checks on its branch; if all succeed, opens its pull request.</summary>
    public Task<StepResult<ReviewableWork>> OpenMilestoneAsync(OpenMilestoneInput input, CancellationToken stopping) =>
        RunAsync<ReviewableWork>(input, async cancelled =>
        {
            var milestone = input.Milestone;
            var branch = WorkBranch(input, milestone.Id);
            await using var checkout = await forge.CheckoutAsync(input.Target.RepoUrl, input.Target.Branch, null, branch, cancelled);
            if (checkout.HeadSha == checkout.BaseSha)
            {
                throw new StepException(
                    ErrorCodes.AgentFailed,
                    $"The tasks of milestone {milestone.Id} changed nothing, so there is nothing to review. If it is done, take it out of the plan.");
            }
            foreach (var check in milestone.Checks)
            {
                await using var log = _logs.Open(input.RunId, milestone.Id, 1, string.Join(' ', check.Run));
                if (await checks.RunAsync(input.Target.RepoUrl, check.Run, check.Timeout, checkout, log, cancelled) is { } complaint)
                {
                    throw new StepException(ErrorCodes.ChecksFailed, $"A check of milestone {milestone.Id} failed: {complaint}");
                }
            }
            var work = new WorkToReview(
                Gate.ForMilestone(milestone.Id),
                "Review the work by the criteria of the milestone.",
                branch,
                $"{milestone.Id}: {milestone.Title}",
                ReviewSummary.OfMilestone(milestone, input.TaskSummaries, input.Rework),
                checkout.HeadSha);
            return await _pullRequests.OpenAsync(input, input.Target, work, cancelled);
        }, stopping);

    /// <summary>
    /// Finds out where the branch of a pull request stands, and its checks. One that is ready by them is taken out of draft.
    /// </summary>
    public Task<StepResult<PullRequestLook>> LookAtPullRequestAsync(LookAtPullRequestInput input, CancellationToken stopping) =>
        RunAsync<PullRequestLook>(input, cancelled => _pullRequests.LookAsync(input, cancelled), stopping);

    /// <summary>Merges a pull request if its head is still what was reviewed.</summary>
    public Task<StepResult<MergeResult>> MergePullRequestAsync(MergePullRequestInput input, CancellationToken stopping) =>
        RunAsync<MergeResult>(input, cancelled => _pullRequests.MergeAsync(input, cancelled), stopping);

    /// <summary>Times a gate out unless a decision came first.</summary>
    public Task<StepResult<GateTimeoutResult>> TimeOutGateAsync(TimeOutGateInput input, CancellationToken stopping) =>
        RunAsync<GateTimeoutResult>(input, async cancelled =>
            new GateTimeoutResult(await store.TimeOutGateAsync(input.RunId, input.Gate, input.Request, cancelled)), stopping);

    /// <summary>Records the events of an activity that has no other work here.</summary>
    public async Task<StepResult<Done>> RecordEventsAsync(ActivityInput input, CancellationToken stopping)
    {
        var handedOver = await RecordAsync(input.RunId, input.Events, stopping);
        var commentFailure = await _comments.PutAsync(input, stopping);
        await handedOver;
        return new StepResult<Done>(new Done(), null) { CommentFailure = commentFailure };
    }

    private Task<StepResult<T>> RunAsync<T>(ActivityInput input, Func<CancellationToken, Task<T>> work, CancellationToken stopping)
        where T : class => RunAsync<T>(input, (cancelled, _) => work(cancelled), stopping);

    /// <param name="input">What the activity was called with.</param>
    /// <param name="work">Does it; tells what was used up as soon as it knows, so that it counts if the rest fails.</param>
    /// <param name="stopping">The host stops.</param>
    private async Task<StepResult<T>> RunAsync<T>(
        ActivityInput input, Func<CancellationToken, Action<AgentUsage?>, Task<T>> work, CancellationToken stopping)
        where T : class
    {
        StepResult<T>? result = null;
        try
        {
            var handedOver = await RecordAsync(input.RunId, input.Events, stopping);
            try
            {
                var commentFailure = await _comments.PutAsync(input, stopping);
                result = await WorkAsync(input, work, stopping);
                Instruments.CountUsage(result.Usage);
                result = result with { CommentFailure = commentFailure };
            }
            finally
            {
                // Before the answer: with it, the orchestration takes the events for handed over and repeats them no more.
                await handedOver;
            }
            return result;
        }
        catch (Exception e) when (Outage.Is(e) && !stopping.IsCancellationRequested)
        {
            Logs.StepMeetsOutage(_logger, e, input.RunId);
            // The work is found as it was left; what it used up counts once.
            return new StepResult<T>(null, Outage.Failure) { Usage = result?.Usage, CommentFailure = Outage.Failure, Unrecorded = true };
        }
    }

    /// <summary>Records events and begins to hand them over, also if they were recorded before (<see cref="EventHandover"/>).</summary>
    /// <returns>The hand-over, which goes on beside the work.</returns>
    private async Task<Task> RecordAsync(RunId runId, IReadOnlyList<RunEvent> events, CancellationToken stopping)
    {
        if (events.Count == 0) return Task.CompletedTask;
        var run = await store.AppendAsync(runId, events, stopping);
        await budget.AddAsync(run, events, stopping);
        return handover.HandOverAsync(run, events, stopping);
    }

    private async Task<StepResult<T>> WorkAsync<T>(
        ActivityInput input, Func<CancellationToken, Action<AgentUsage?>, Task<T>> work, CancellationToken stopping)
        where T : class
    {
        using var watch = store.WatchCancellation(input.RunId, stopping);
        AgentUsage? usage = null;
        try
        {
            return new StepResult<T>(await work(watch.Token, used => usage = used), null) { Usage = usage };
        }
        catch (HeldException e)
        {
            return new StepResult<T>(null, null) { Hold = e.Hold };
        }
        catch (StepException e)
        {
            // It may repeat what a remote, a program or a file said, and is kept in the history, the run and its events.
            var failure = new StepFailure(e.Code, Redactor.Redact(e.Message), e.IsTransient)
            {
                RetryAfter = e.RetryAfter,
                // What was never reached is more likely named wrongly than away.
                Outage = e.IsOutage && input is not PrepareRunInput ? true : null,
            };
            return new StepResult<T>(null, failure) { Usage = e.Usage ?? usage };
        }
        catch (Exception e) when (Outage.Is(e) && !watch.Token.IsCancellationRequested)
        {
            Logs.StepMeetsOutage(_logger, e, input.RunId);
            return new StepResult<T>(null, Outage.Failure) { Usage = usage };
        }
        catch (OperationCanceledException) when (watch.Token.IsCancellationRequested && !stopping.IsCancellationRequested)
        {
            var failure = new StepFailure(ErrorCodes.Cancelled, "The run was cancelled.", Transient: false);
            return new StepResult<T>(null, failure) { Usage = usage };
        }
    }

    /// <returns>Null if the work branch is gone.</returns>
    private async Task<ReviewableWork?> TryTakeUpAsync(WriteDocumentationInput input, GateReview open, CancellationToken cancellationToken)
    {
        try
        {
            var work = DocumentationToReview(input, open.PullRequest.Branch, open.Summary, open.HeadSha, open.Digest);
            return await _pullRequests.OpenAsync(input, input.Target, work, cancellationToken);
        }
        catch (StepException e) when (e.Code == ErrorCodes.BranchNotFound)
        {
            return null;
        }
    }

    private static WorkToReview DocumentationToReview(
        WriteDocumentationInput input, string branch, string summary, string headSha, string? digest) => new(
        Gate.Anchor,
        $"Review the documentation in `{input.Documentation.Path}`.",
        branch,
        $"Documentation for {input.Target.Branch}",
        summary,
        headSha,
        digest);

    /// <summary>A commit message: git's tools expect a first line of about 72 characters.</summary>
    private static string Subject(string prompt)
    {
        var line = Redactor.Redact(prompt).Trim().Split('\n')[0].Trim();
        return line.Length <= 72 ? line : line[..71] + "…";
    }

    private static string WorkBranch(ActivityInput input, string step) =>
        WorkBranches.Name(input.Origin ?? input.RunId, step, input.Attempt);

    /// <summary>
    /// What tells the commit of a step, and of a round of it, on the work branch. The rounds of a retry count from 2 again.
    /// </summary>
    private static string Trailer(ActivityInput input, string step, Rework? rework) =>
        rework is null ? step : input.Origin is null ? $"{step}#{rework.Round}" : $"{step}#{rework.Round}/{input.RunId}";

    private static int Round(Rework? rework) => rework?.Round ?? 1;
}
