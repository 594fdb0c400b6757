using QuantaPilot.Core.Audit;
using QuantaPilot.Core.Runs;

namespace QuantaPilot.Core.Ports;

/// <summary>
/// Who did what when. Entries are added and settled once; nothing else of them changes, and none is ever removed, also not with its
/// run. Every write is durable when it returns.
/// </summary>
public interface IAuditLog
{
    /// <summary>
    /// Adds an entry. Before the action, as <see cref="AuditOutcome.Begun"/>, so that no action is without its entry; the start
    /// of a run goes by <see cref="IRunStore.CreateAsync(RunSnapshot, AuditEntry, CancellationToken)"/> instead.
    /// </summary>
    Task AddAsync(AuditEntry entry, CancellationToken cancellationToken);

    /// <summary>Says what became of an entry that was added as <see cref="AuditOutcome.Begun"/>; any other stays as it is.</summary>
    Task SettleAsync(AuditEntry entry, AuditOutcome outcome, CancellationToken cancellationToken);

    /// <summary>Entries, newest first.</summary>
    /// <exception cref="InvalidCursorException">The cursor was not handed out by this log.</exception>
    Task<AuditPage> ListAsync(AuditQuery query, CancellationToken cancellationToken);
}

/// <summary>Which entries to list. Every member that is set must match.</summary>
/// <param name="After">Not begun before this time.</param>
/// <param name="Before">Begun before this time.</param>
/// <param name="Actor">The caller's name.</param>
/// <param name="Action">What was done.</param>
/// <param name="RunId">The run.</param>
/// <param name="Limit">At most so many; 1 to 200.</param>
/// <param name="Cursor">From <see cref="AuditPage.NextCursor"/>.</param>
public sealed record AuditQuery(
    DateTimeOffset? After = null,
    DateTimeOffset? Before = null,
    string? Actor = null,
    AuditAction? Action = null,
    RunId? RunId = null,
    int Limit = 50,
    string? Cursor = null);

/// <param name="Items">The entries.</param>
/// <param name="NextCursor">Opaque; null on the last page.</param>
public sealed record AuditPage(IReadOnlyList<AuditEntry> Items, string? NextCursor);
