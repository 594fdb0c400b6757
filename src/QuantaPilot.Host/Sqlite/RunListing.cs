using QuantaPilot.Core.Ports;

namespace QuantaPilot.Host.Sqlite;

/// <summary>The statement for a list of runs: one text per combination of filters, each walking an index backwards.</summary>
internal static class RunListing
{
    public static (string Sql, object?[] Values) For(RunQuery query)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(query.Limit, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(query.Limit, 200);
        var values = new List<object?>();
        var conditions = new List<string>();
        if (query.Cursor is { } cursor) Add("position < ", ListCursor.Runs.Decode(cursor));
        if (query.CorrelationId is { } correlationId) Add("correlation_id = ", correlationId);
        // A leading + keeps SQLite from walking the index of the less selective of two filters.
        if (query.Project is { } project) Add(query.CorrelationId is null ? "project = " : "+project = ", project);
        if (query.Status is { } status)
            Add(query.CorrelationId is null && query.Project is null ? "status = " : "+status = ", RunRows.NameOf(status));
        if (query.PendingGate) conditions.Add("pending_gate = 1");
        if (query.Untold) conditions.Add("untold = 1");
        var where = conditions.Count == 0 ? "" : " WHERE " + string.Join(" AND ", conditions);
        // One more than asked for, to tell whether there is a next page.
        values.Add((long)query.Limit + 1);
        return (
            $"SELECT position, version, stuck_reason, document FROM runs{where} ORDER BY position DESC LIMIT ?{values.Count}", [.. values]);

        void Add(string condition, object value)
        {
            values.Add(value);
            conditions.Add($"{condition}?{values.Count}");
        }
    }
}
