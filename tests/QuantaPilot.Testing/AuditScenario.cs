using QuantaPilot.Core.Audit;
using QuantaPilot.Core.Runs;

namespace QuantaPilot.Testing;

/// <summary>Entries to put into an audit log.</summary>
public static class AuditScenario
{
    public static AuditEntry Begun(
        AuditAction action = AuditAction.CancelRun,
        string actor = "olga",
        RunId? runId = null,
        DateTimeOffset? at = null,
        string project = "https://example.com/org/project") => new()
        {
            Id = Guid.CreateVersion7().ToString("N"),
            At = at ?? Scenario.Start,
            Actor = actor,
            ActorId = "0123456789abcdef0123456789abcdef",
            Action = action,
            Outcome = AuditOutcome.Begun,
            RunId = runId,
            Projects = [project],
            RequestId = "request",
        };
}
