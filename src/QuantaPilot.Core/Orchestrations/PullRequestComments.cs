using QuantaPilot.Core.Activities;
using QuantaPilot.Core.Runs;

namespace QuantaPilot.Core.Orchestrations;

/// <summary>
/// The results of gates that are not known to stand on their pull requests yet. They ride with the activities of the run until one
/// has put them there; the forge's refusal ends no step.
/// </summary>
internal sealed class PullRequestComments(IOrchestrationContext context)
{
    private readonly List<GateDecided> _waiting = [];
    private DateTimeOffset _notBefore = DateTimeOffset.MinValue;

    /// <summary>How long until they may be tried again; null if none waits.</summary>
    public DateTimeOffset? DueAt => _waiting.Count == 0 ? null : _notBefore;

    public void Add(GateDecided decided) => _waiting.Add(decided);

    /// <summary>What the next activity takes along; null for nothing, so that inputs stay as they were where there is none.</summary>
    public IReadOnlyList<GateDecided>? Take()
    {
        if (_waiting.Count == 0 || context.UtcNow < _notBefore) return null;
        IReadOnlyList<GateDecided> taken = [.. _waiting];
        // Two activities at once must not say the same.
        _waiting.Clear();
        return taken;
    }

    /// <summary>An activity that took some along has come back.</summary>
    /// <param name="taken">What it took.</param>
    /// <param name="failure">Why one of them could not be put there, or null. What the forge refuses for good is given up.</param>
    public void Settle(IReadOnlyList<GateDecided>? taken, StepFailure? failure)
    {
        if (taken is null || failure is not { Transient: true }) return;
        _waiting.InsertRange(0, taken);
        _notBefore = context.UtcNow + (failure.RetryAfter ?? TimeSpan.Zero);
    }
}
