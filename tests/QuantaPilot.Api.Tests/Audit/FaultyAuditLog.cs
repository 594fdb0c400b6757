using QuantaPilot.Core.Audit;
using QuantaPilot.Core.Ports;

namespace QuantaPilot.Api.Tests.Audit;

/// <summary>A log that can be made to fail at either write.</summary>
internal sealed class FaultyAuditLog(Func<IAuditLog> inner) : IAuditLog
{
    public bool FailsToAdd { get; set; }

    public bool FailsToSettle { get; set; }

    public Task AddAsync(AuditEntry entry, CancellationToken cancellationToken) =>
        FailsToAdd ? throw new IOException("The disk is full.") : inner().AddAsync(entry, cancellationToken);

    public Task SettleAsync(AuditEntry entry, AuditOutcome outcome, CancellationToken cancellationToken) =>
        FailsToSettle ? throw new IOException("The disk is full.") : inner().SettleAsync(entry, outcome, cancellationToken);

    public Task<AuditPage> ListAsync(AuditQuery query, CancellationToken cancellationToken) => inner().ListAsync(query, cancellationToken);
}
