using QuantaPilot.Core.Audit;
using QuantaPilot.Core.Ports;
using QuantaPilot.Engine.Storage;

namespace QuantaPilot.Host.Sqlite;

/// <summary>The audit log in the host's one file. Triggers of the schema keep entries as they are.</summary>
public sealed class SqliteAuditLog(SqliteFile file) : IAuditLog
{
    public Task AddAsync(AuditEntry entry, CancellationToken cancellationToken) => file.WriteAsync(session =>
    {
        AuditRows.Insert(session, entry);
        return true;
    }, WriteLane.Caller);

    public Task SettleAsync(AuditEntry entry, AuditOutcome outcome, CancellationToken cancellationToken) =>
        file.WriteAsync(session => AuditRows.Settle(session, entry.Id, outcome), WriteLane.Caller);

    public Task<AuditPage> ListAsync(AuditQuery query, CancellationToken cancellationToken)
    {
        var rows = file.Read(session =>
        {
            var after = query.Cursor is { } cursor ? FindPlace(session, ListCursor.Audit.Decode(cursor)) : null;
            var (sql, values) = AuditRows.List(query, after);
            var found = new List<(long Position, AuditEntry Entry)>();
            using var reader = session.Query(sql, values);
            while (reader.Read()) found.Add((reader.GetInt64(0), AuditRows.Read(reader)));
            return found;
        });
        var more = rows.Count > query.Limit;
        if (more) rows.RemoveAt(rows.Count - 1);
        var next = more ? ListCursor.Audit.Encode(rows[^1].Position) : null;
        return Task.FromResult(new AuditPage([.. rows.Select(row => row.Entry)], next));
    }

    private static (long At, long Position)? FindPlace(SqliteSession session, long position) =>
        session.Scalar("SELECT at FROM audit WHERE position = ?1", position) is long at
            ? (at, position)
            : throw new InvalidCursorException();
}
