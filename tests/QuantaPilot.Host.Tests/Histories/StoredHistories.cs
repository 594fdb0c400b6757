using System.Text;
using System.Text.Json;
using QuantaPilot.Engine.Storage;

namespace QuantaPilot.Host.Tests.Histories;

/// <summary>Puts exported histories into a server's file, as the unfinished instances that they once were.</summary>
internal static class StoredHistories
{
    /// <param name="file">The file.</param>
    /// <param name="history">As the engine exports it.</param>
    /// <param name="ids">The instances that have it; one of the history's own id if none is given.</param>
    public static Task AddAsync(SqliteFile file, string history, params IReadOnlyList<string> ids)
    {
        using var json = JsonDocument.Parse(history);
        var turns = json.RootElement.GetProperty("turns").EnumerateArray().ToList();
        var name = turns[0][0].GetProperty("name").GetString();
        var rows = turns.Select(turn => Encoding.UTF8.GetBytes(turn.GetRawText())).ToList();
        if (ids.Count == 0) ids = [json.RootElement.GetProperty("instanceId").GetString()!];
        return file.WriteAsync(session =>
        {
            foreach (var id in ids)
            {
                var key = session.Scalar(
                    """
                    INSERT INTO hub_instances (id, name, status, created_at, updated_at, lease, execution, turns, open_activities)
                    VALUES (?1, ?2, 0, 0, 0, 1, 0, ?3, 0) RETURNING key
                    """, id, name, rows.Count - 1L);
                foreach (var (turn, events) in rows.Index())
                    session.Execute("INSERT INTO hub_history VALUES (?1, ?2, ?3)", key, (long)turn, events);
            }
            return ids.Count;
        });
    }
}
