using QuantaPilot.Core.Agents;
using QuantaPilot.Core.Runs;

namespace QuantaPilot.Core.Orchestrations;

/// <summary>
/// What the world has told the run and the run has not acted on yet. One wait for the next signal is always open, so that
/// a pause, a cancellation or a decision is noticed whatever the run is doing.
/// </summary>
internal sealed class RunInbox(IOrchestrationContext context)
{
    private readonly Dictionary<string, GateDecision> _decisions = [];
    private readonly Dictionary<int, string> _heads = [];
    private readonly Dictionary<string, AgentAnswer> _answers = [];
    private Task<RunSignal>? _next;

    /// <summary>Why the run is to pause, or null. Cleared by a resume.</summary>
    public string? PauseReason { get; set; }

    /// <summary>Why the run is to be cancelled, or null.</summary>
    public string? CancelReason { get; private set; }

    /// <summary>How often the forge has told of a change.</summary>
    public int ForgeChanges { get; private set; }

    /// <summary>The last of the run's requests for a slot that was granted by a signal; 0 if none was.</summary>
    public int AdmittedTicket { get; private set; }

    /// <summary>Told of the limits that a resume raises.</summary>
    public Action<LimitsRaise>? OnRaise { get; init; }

    /// <summary>Completes when there is something to <see cref="TakeAsync"/>.</summary>
    public Task Next => _next ??= context.WaitForExternalEventAsync<RunSignal>(RunSignal.EventName);

    /// <summary>Takes in what <see cref="Next"/> completed with. What does not apply (a second pause, say) changes nothing.</summary>
    public async Task TakeAsync()
    {
        var signal = await _next!;
        _next = null;
        switch (signal.Kind)
        {
            case RunSignalKind.Pause:
                PauseReason ??= signal.Reason ?? "paused by an operator";
                break;
            case RunSignalKind.Resume:
                PauseReason = null;
                if (signal.Limits is { } limits) OnRaise?.Invoke(limits);
                break;
            case RunSignalKind.Cancel:
                CancelReason ??= signal.Reason ?? "cancelled by an operator";
                break;
            case RunSignalKind.Decision when signal.Decision is { } decision:
                _decisions.TryAdd(Key(decision.Gate, decision.Request), decision);
                break;
            case RunSignalKind.ForgeChanged:
                ForgeChanges++;
                if (signal.ForgeChange is { Number: { } number, HeadSha: { } head }) _heads[number] = head;
                break;
            case RunSignalKind.Admitted:
                AdmittedTicket = Math.Max(AdmittedTicket, signal.Ticket ?? 0);
                break;
            case RunSignalKind.AgentAnswered when signal.AgentAnswer is { } answer:
                _answers.TryAdd(Key(answer.Step, answer.Round), answer);
                break;
            default:
                throw new InvalidOperationException($"The signal {signal.Kind} has no decision.");
        }
    }

    /// <summary>The decision for that request of the gate, once it has come. Those for earlier requests are left aside.</summary>
    public GateDecision? DecisionFor(string gate, int request) => _decisions.GetValueOrDefault(Key(gate, request));

    /// <summary>The head of a pull request as the forge last told it; null if it has not.</summary>
    public string? HeadOf(int number) => _heads.GetValueOrDefault(number);

    /// <summary>What an agent elsewhere has answered to that round of the step, once it has. Others are left aside.</summary>
    public AgentAnswer? AnswerFor(string step, int round) => _answers.GetValueOrDefault(Key(step, round));

    private static string Key(string gate, int request) => $"{gate}#{request}";
}
