using QuantaPilot.Core.Activities;
using QuantaPilot.Core.Agents;
using QuantaPilot.Core.Pipeline;
using QuantaPilot.Core.Runs;

namespace QuantaPilot.Core.Orchestrations;

/// <summary>
/// What is asked of an agent elsewhere. A task is posted, then its answer is waited for as an external event, for days if need be,
/// without an activity. The work that it holds is done after that, by the same activity as that of agents here.
/// </summary>
internal sealed class RemoteAgentSteps(IOrchestrationContext context, RunSession run)
{
    /// <summary>How often each step was asked for: an answer belongs to one asking.</summary>
    private readonly Dictionary<string, int> _asked = [];

    /// <summary>Gives an agent its task and waits for the answer.</summary>
    /// <param name="shownStep">What the run shows as its step meanwhile.</param>
    /// <param name="question">The task; its deadline and events are filled in here.</param>
    /// <returns>The answer; null if the work stands on its branch already, from an earlier run.</returns>
    /// <exception cref="RunEndedException">
    /// The agent can't be reached, refuses, or has not answered in time; or the run was cancelled.
    /// </exception>
    public async Task<AgentAnswer?> AskAsync(string shownStep, StartAgentInput question)
    {
        question = question with { Round = _asked[question.Step] = _asked.GetValueOrDefault(question.Step) + 1 };
        // A pause that is due comes before the time that the agent has.
        await run.PauseIfAskedAsync();
        var timeout = question.Agent.Timeout ?? AgentDefinition.DefaultHttpTimeout;
        var deadline = context.UtcNow + timeout;
        var started = await run.StepAsync<StartAgentInput, AgentStarted>(
            shownStep, ActivityNames.StartAgent, events => question with { Events = events, Deadline = deadline });
        if (started.IsDone) return null;
        try
        {
            if (await WaitAsync(question.Step, question.Round, deadline) is { } answer) return answer;
        }
        catch (RunEndedException e) when (e.Code == ErrorCodes.Cancelled)
        {
            // Shown at once: the agent is told first, and may be slow to listen.
            run.Record(new CancelRequested(e.Message));
            await run.CallAsync<StopAgentInput, AgentStopped>(
                shownStep, ActivityNames.StopAgent, events => StopInput(question, started, events));
            throw;
        }
        // An answer may have come of which nobody could tell the run any more.
        var stopped = await run.StepAsync<StopAgentInput, AgentStopped>(
            shownStep, ActivityNames.StopAgent, events => StopInput(question, started, events));
        return stopped.Answer ?? throw new RunEndedException(
            ErrorCodes.AgentTimedOut, $"The agent {question.Agent.Name} has not answered within {DurationText.Format(timeout)}.");
    }

    /// <summary>Null if the deadline came first. It goes on while the run is paused, and takes effect on resume.</summary>
    private async Task<AgentAnswer?> WaitAsync(string step, int round, DateTimeOffset deadline)
    {
        using var cancellation = new CancellationTokenSource();
        try
        {
            var timer = context.CreateTimerAsync(deadline, cancellation.Token);
            while (true)
            {
                // Before the answer is acted on: a paused run goes no further.
                await run.PauseIfAskedAsync();
                // Looked for before the wait: it may have come while the agent was still being told.
                if (run.Inbox.AnswerFor(step, round) is { } answer) return answer;
                if (timer.IsCompleted)
                {
                    if (context.UtcNow >= deadline) return null;
                    // Backends that cut off fractions of a second fire early.
                    timer = context.CreateTimerAsync(deadline, cancellation.Token);
                }
                await Task.WhenAny(timer, run.Inbox.Next);
            }
        }
        finally
        {
            cancellation.Cancel();
        }
    }

    private StopAgentInput StopInput(StartAgentInput question, AgentStarted started, IReadOnlyList<RunEvent> events) =>
        new(run.Id, events, question.Agent, question.Step, question.Round, started.TaskUrl);
}
