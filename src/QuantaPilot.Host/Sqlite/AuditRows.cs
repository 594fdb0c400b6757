using System.Text.Json;
using Microsoft.Data.Sqlite;
using QuantaPilot.Core.Audit;
using QuantaPilot.Core.Contracts;
using QuantaPilot.Core.Ports;
using QuantaPilot.Engine.Storage;

namespace QuantaPilot.Host.Sqlite;

/// <summary>Rows of <c>audit</c> to and from entries.</summary>
internal static class AuditRows
{
    private const string Begun = "begun";

    public static void Insert(SqliteSession session, AuditEntry entry) => session.Execute(
        "INSERT INTO audit (id, at, actor, action, run_id, outcome, document) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        entry.Id,
        entry.At.UtcTicks,
        entry.Actor,
        NameOf(entry.Action),
        entry.RunId?.ToString(),
        NameOf(entry.Outcome),
        JsonSerializer.SerializeToUtf8Bytes(entry, CoreJson.Default.AuditEntry));

    public static int Settle(SqliteSession session, string id, AuditOutcome outcome) =>
        session.Execute($"UPDATE audit SET outcome = ?2 WHERE id = ?1 AND outcome = '{Begun}'", id, NameOf(outcome));

    /// <summary>
    /// The statement for a list: one text per combination of filters, each walking the most selective index backwards.
    /// </summary>
    /// <param name="query">The filters.</param>
    /// <param name="after">Time and position of the entry that the page before ended with.</param>
    public static (string Sql, object?[] Values) List(AuditQuery query, (long At, long Position)? after)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(query.Limit, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(query.Limit, 200);
        var values = new List<object?>();
        var conditions = new List<string>();
        if (query.RunId is { } runId) Add("run_id = ", runId.ToString());
        // A leading + keeps SQLite from walking the index of the less selective of two filters.
        if (query.Actor is { } actor) Add(query.RunId is null ? "actor = " : "+actor = ", actor);
        if (query.Action is { } action) Add("action = ", NameOf(action));
        if (query.After is { } from) Add("at >= ", from.UtcTicks);
        if (query.Before is { } to) Add("at < ", to.UtcTicks);
        if (after is var (at, position))
        {
            Add("at <= ", at);
            Add($"(at < ?{values.Count} OR position < ", position);
            conditions[^1] += ")";
        }
        var where = conditions.Count == 0 ? "" : " WHERE " + string.Join(" AND ", conditions);
        // One more than asked for, to tell whether there is a next page.
        values.Add((long)query.Limit + 1);
        return ($"SELECT position, outcome, document FROM audit{where} ORDER BY at DESC, position DESC LIMIT ?{values.Count}", [.. values]);

        void Add(string condition, object value)
        {
            values.Add(value);
            conditions.Add($"{condition}?{values.Count}");
        }
    }

    public static AuditEntry Read(SqliteDataReader reader)
    {
        var entry = JsonSerializer.Deserialize((byte[])reader[2], CoreJson.Default.AuditEntry)
            ?? throw new InvalidOperationException("An empty document was stored.");
        return entry with { Outcome = OutcomeOf(reader.GetString(1)) };
    }

    private static string NameOf<T>(T value)
        where T : struct, Enum => JsonNamingPolicy.SnakeCaseLower.ConvertName(value.ToString());

    private static AuditOutcome OutcomeOf(string name) => Enum.GetValues<AuditOutcome>().First(outcome => NameOf(outcome) == name);
}
