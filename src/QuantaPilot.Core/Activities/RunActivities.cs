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
public sealed class RunActivities(
    IRunStore store, IForge forge, IEnumerable<IAgent> agents, ICheckRunner checks, EventHandover handover, DailyBudget budget)
{
    private readonly Dictionary<string, IAgent> _agents = agents.ToDictionary(agent => agent.Type);

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
            return new PreparedRun(checkout.HeadSha, pipeline) { IsMetered = true };
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
            const string step = "documentation";
            var branch = WorkBranch(input, step);
            await using var checkout = await forge.CheckoutAsync(input.Target.RepoUrl, input.Target.Branch, input.HeadSha, branch, cancelled);
            var documentation = input.Documentation;
            var task = new AgentTask(
                input.RunId,
                input.Target.RepoUrl,
                input.Target.Branch,
                step,
                "",
                documentation.Path,
                documentation.Agent.Run,
                documentation.Agent.Timeout)
            {
                Agent = documentation.Agent,
                Round = input.Rework?.Round ?? 1,
                Feedback = input.Rework?.Feedback,
            };
            var result = await RunAgentAsync(task, checkout, spent, cancelled);
            var pushed = await checkout.CommitAndPushAsync(
                Trailer(step, input.Rework), $"Document the project in {documentation.Path}", cancelled);
            // Before anybody is asked: a plan at fault is no question for a reviewer.
            var plan = input.PlanSource is { } source ? ReadPlan(source, checkout, input.Target.RepoUrl) : null;
            var summary = ReviewSummary.OfDocumentation(result.Summary, plan, input.PlanSource, input.Rework);
            var work = await OpenAsync(
                input.Target, branch, $"Documentation for {input.Target.Branch}", summary, result.Digest, pushed.HeadSha, cancelled);
            return work with { Plan = plan };
        }, stopping);

    /// <summary>Has an agent carry out one task of a milestone, on top of those before it.</summary>
    public Task<StepResult<TaskDone>> CarryOutTaskAsync(CarryOutTaskInput input, CancellationToken stopping) =>
        RunAsync<TaskDone>(input, async (cancelled, spent) =>
        {
            var step = $"{input.MilestoneId}/{input.TaskNumber}";
            var trailer = Trailer(step, input.Rework);
            await using var checkout = await forge.CheckoutAsync(
                input.Target.RepoUrl, input.Target.Branch, null, WorkBranch(input, input.MilestoneId), cancelled);
            if (checkout.HasCommitFor(trailer)) return new TaskDone(checkout.HeadSha, Redactor.Redact(input.Task.Prompt));
            var agent = input.Task.Agent;
            var task = new AgentTask(
                input.RunId, input.Target.RepoUrl, input.Target.Branch, step, input.Task.Prompt, null, agent.Run, agent.Timeout)
            {
                Agent = agent,
                Round = input.Rework?.Round ?? 1,
                Feedback = input.Rework?.Feedback,
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
                if (await checks.RunAsync(input.Target.RepoUrl, check.Run, check.Timeout, checkout, cancelled) is { } complaint)
                {
                    throw new StepException(ErrorCodes.ChecksFailed, $"A check of milestone {milestone.Id} failed: {complaint}");
                }
            }
            var summary = ReviewSummary.OfMilestone(milestone, input.TaskSummaries, input.Rework);
            return await OpenAsync(input.Target, branch, $"{milestone.Id}: {milestone.Title}", summary, null, checkout.HeadSha, cancelled);
        }, stopping);

    /// <summary>Merges a pull request if its head is still what was reviewed.</summary>
    public Task<StepResult<MergeResult>> MergePullRequestAsync(MergePullRequestInput input, CancellationToken stopping) =>
        RunAsync<MergeResult>(input, async cancelled =>
        {
            var outcome = await forge.MergeAsync(input.Target.RepoUrl, input.Number, input.ReviewedHeadSha, input.Method, cancelled);
            return new MergeResult(outcome.Merged ? outcome.MergeSha : null, outcome.HeadSha);
        }, stopping);

    /// <summary>Times a gate out unless a decision came first.</summary>
    public Task<StepResult<GateTimeoutResult>> TimeOutGateAsync(TimeOutGateInput input, CancellationToken stopping) =>
        RunAsync<GateTimeoutResult>(input, async cancelled =>
            new GateTimeoutResult(await store.TimeOutGateAsync(input.RunId, input.Gate, input.Request, cancelled)), stopping);

    /// <summary>Records events that have no work to ride with.</summary>
    public async Task<StepResult<Done>> RecordEventsAsync(RecordEventsInput input, CancellationToken stopping)
    {
        var handedOver = await RecordAsync(input.RunId, input.Events, stopping);
        await handedOver;
        return new StepResult<Done>(new Done(), null);
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
        var handedOver = await RecordAsync(input.RunId, input.Events, stopping);
        try
        {
            var result = await WorkAsync(input.RunId, work, stopping);
            Instruments.CountUsage(result.Usage);
            return result;
        }
        finally
        {
            // Before the answer: with it, the orchestration takes the events for handed over and repeats them no more.
            await handedOver;
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
        RunId runId, Func<CancellationToken, Action<AgentUsage?>, Task<T>> work, CancellationToken stopping)
        where T : class
    {
        using var watch = store.WatchCancellation(runId, stopping);
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
            var failure = new StepFailure(e.Code, Redactor.Redact(e.Message), e.IsTransient) { RetryAfter = e.RetryAfter };
            return new StepResult<T>(null, failure) { Usage = e.Usage ?? usage };
        }
        catch (OperationCanceledException) when (watch.Token.IsCancellationRequested && !stopping.IsCancellationRequested)
        {
            var failure = new StepFailure(ErrorCodes.Cancelled, "The run was cancelled.", Transient: false);
            return new StepResult<T>(null, failure) { Usage = usage };
        }
    }

    private async Task<ReviewableWork> OpenAsync(
        RunTarget target, string branch, string title, string summary, string? digest, string headSha, CancellationToken cancellationToken)
    {
        summary = Redactor.Redact(summary);
        var request = new PullRequestRequest(target.RepoUrl, branch, target.Branch, Redactor.Redact(title), summary);
        var pullRequest = await forge.OpenPullRequestAsync(request, cancellationToken);
        // Somebody may have pushed between our push and this answer: what is reviewed is what stands there now.
        return new ReviewableWork(new GateReview(
            new PullRequestRef(pullRequest.Number, pullRequest.Url, branch),
            pullRequest.HeadSha,
            pullRequest.HeadSha == headSha ? digest : null,
            summary));
    }

    private async Task<AgentResult> RunAgentAsync(AgentTask task, ICheckout checkout, Action<AgentUsage?> spent, CancellationToken cancelled)
    {
        // The built-in agent costs nothing.
        if (task.Agent is { Type: not AgentDefinition.OutlineType } && await budget.FindHoldAsync(task.RepoUrl, cancelled) is { } hold)
            throw new HeldException(hold);
        var result = await Agent(task.Agent!).RunAsync(task, checkout, cancelled);
        spent(result.Usage);
        return result;
    }

    /// <returns>Null if there is no plan.</returns>
    private IReadOnlyList<MilestoneDefinition>? ReadPlan(PlanSource source, ICheckout checkout, string repoUrl)
    {
        var milestones = MilestonesReader.Read(source, checkout.ReadText(source.Path));
        RequireAllowed(AgentDefinition.Outline, milestones, repoUrl);
        return milestones.Count > 0 ? milestones : null;
    }

    private void RequireAllowed(AgentDefinition documentation, IReadOnlyList<MilestoneDefinition> milestones, string repoUrl)
    {
        var needed = milestones.SelectMany(milestone => milestone.Tasks).Select(task => task.Agent).Prepend(documentation);
        var refusal = needed.Select(agent => Agent(agent).FindRefusal(repoUrl)).FirstOrDefault(found => found is not null);
        if (refusal is null && milestones.Any(milestone => milestone.Checks.Count > 0)) refusal = checks.FindRefusal(repoUrl);
        if (refusal is not null) throw new StepException(ErrorCodes.AgentNotAllowed, refusal);
    }

    private IAgent Agent(AgentDefinition definition) => _agents.TryGetValue(definition.Type, out var agent)
        ? agent
        : throw new StepException(ErrorCodes.AgentNotAllowed, $"Agents of type {definition.Type} are not available on this host.");

    /// <summary>A commit message: git's tools expect a first line of about 72 characters.</summary>
    private static string Subject(string prompt)
    {
        var line = Redactor.Redact(prompt).Trim().Split('\n')[0].Trim();
        return line.Length <= 72 ? line : line[..71] + "…";
    }

    private static string WorkBranch(ActivityInput input, string step) => $"quantapilot/{input.Origin ?? input.RunId}/{step}";

    /// <summary>What tells the commit of a step, and of a round of it, on the work branch.</summary>
    private static string Trailer(string step, Rework? rework) => rework is null ? step : $"{step}#{rework.Round}";

    /// <summary>Leaves a step before its agent works.</summary>
    private sealed class HeldException(StepHold hold) : Exception(hold.Reason)
    {
        public StepHold Hold { get; } = hold;
    }
}
