using QuantaPilot.Core.Audit;
using QuantaPilot.Core.Ports;

namespace QuantaPilot.Api.Tests.Audit;

/// <summary>A log that can be made to fail at either write, and to have something happen between entry and action.</summary>
internal sealed class FaultyAuditLog(Func<IAuditLog> inner) : IAuditLog
{
    public bool FailsToAdd { get; set; }

    public bool FailsToSettle { get; set; }

    /// <summary>Happens once an entry is there.</summary>
    public Func<Task> Meanwhile { get; set; } = () => Task.CompletedTask;

    public async Task AddAsync(AuditEntry entry, CancellationToken cancellationToken)
    {
        if (FailsToAdd) throw new IOException("The disk is full.");
        await inner().AddAsync(entry, cancellationToken);
        await Meanwhile();
    }

    public Task SettleAsync(AuditEntry entry, AuditOutcome outcome, CancellationToken cancellationToken) =>
        FailsToSettle ? throw new IOException("The disk is full.") : inner().SettleAsync(entry, outcome, cancellationToken);

    public Task<AuditPage> ListAsync(AuditQuery query, CancellationToken cancellationToken) => inner().ListAsync(query, cancellationToken);
}
