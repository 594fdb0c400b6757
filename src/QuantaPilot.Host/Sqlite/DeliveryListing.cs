using QuantaPilot.Core.Deliveries;
using QuantaPilot.Core.Ports;

namespace QuantaPilot.Host.Sqlite;

/// <summary>The statement for a list of deliveries: one text per combination of filters, each walking the most selective index.</summary>
internal static class DeliveryListing
{
    private const string Delivered = "delivered";

    public static string NameOf(DeliveryStatus status) => status switch
    {
        DeliveryStatus.Pending => "pending",
        DeliveryStatus.Delivered => Delivered,
        DeliveryStatus.DeadLettered => "dead_lettered",
        _ => throw new ArgumentOutOfRangeException(nameof(status)),
    };

    public static (string Sql, object?[] Values) For(DeliveryQuery query)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(query.Limit, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(query.Limit, 200);
        var values = new List<object?>();
        var conditions = new List<string>();
        if (query.Cursor is { } cursor) Add("position < ", ListCursor.Deliveries.Decode(cursor));
        if (query.RunId is { } runId) Add("run_id = ", runId.ToString());
        // A leading + keeps SQLite from walking the index of the less selective of two filters.
        var byStatus = query.RunId is null && query.Status is not (null or DeliveryStatus.Delivered);
        if (query.Sink is { } sink) Add(query.RunId is null && !byStatus ? "sink = " : "+sink = ", sink);
        if (query.Status is { } status) Add(byStatus ? "status = " : "+status = ", NameOf(status));
        // In words that the partial index recognises.
        if (byStatus) conditions.Add($"status <> '{Delivered}'");
        var where = conditions.Count == 0 ? "" : " WHERE " + string.Join(" AND ", conditions);
        // One more than asked for, to tell whether there is a next page.
        values.Add((long)query.Limit + 1);
        return ($"SELECT position, document FROM deliveries{where} ORDER BY position DESC LIMIT ?{values.Count}", [.. values]);

        void Add(string condition, object value)
        {
            values.Add(value);
            conditions.Add($"{condition}?{values.Count}");
        }
    }
}
