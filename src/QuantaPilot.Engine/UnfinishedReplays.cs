using System.Text.Json;
using QuantaPilot.Core.Ports;
using QuantaPilot.Engine.Execution;
using QuantaPilot.Engine.Storage;

namespace QuantaPilot.Engine;

/// <summary>What the code at hand would make of an unfinished instance.</summary>
/// <param name="InstanceId">The instance.</param>
/// <param name="Orchestration">Its orchestration's name.</param>
/// <param name="IsStuck">True if it is stuck already.</param>
/// <param name="Mismatch">Where code and history part first; null if the code can go on with it.</param>
/// <param name="Fault">Why its history can't be replayed at all; null if it can.</param>
public sealed record InstanceReplay(string InstanceId, string Orchestration, bool IsStuck, ReplayMismatch? Mismatch, string? Fault)
{
    /// <summary>True if the code at hand can carry it on.</summary>
    public bool Fits => Mismatch is null && Fault is null;
}

/// <summary>Replays the unfinished instances of a task hub against the code at hand. Runs no activity and changes nothing.</summary>
public static class UnfinishedReplays
{
    /// <summary>
    /// In the order of their creation, one history in memory at a time. Instances that end or are purged meanwhile are left out.
    /// </summary>
    /// <param name="view">The file.</param>
    /// <param name="registry">The code.</param>
    /// <param name="json">As in <see cref="EngineOptions.Json"/>.</param>
    public static IEnumerable<InstanceReplay> Replay(SqliteView view, OrchestrationRegistry registry, JsonSerializerOptions json)
    {
        foreach (var key in view.Read(FindUnfinished))
        {
            if (view.Read(session => Load(session, key)) is { } instance) yield return Replay(instance, registry, json);
        }
    }

    private static InstanceReplay Replay(Instance instance, OrchestrationRegistry registry, JsonSerializerOptions json)
    {
        var replay = new InstanceReplay(instance.Id, instance.Name, instance.IsStuck, null, instance.Fault);
        if (instance.Fault is not null) return replay;
        try
        {
            var history = new HistoryDocument(instance.Id, instance.Turns);
            return replay with { Mismatch = HistoryReplayer.Replay(history, registry, json).Mismatch };
        }
#pragma warning disable CA1031 // What would make the engine try again for ever is an answer about this one; others are to be seen.
        catch (Exception e)
#pragma warning restore CA1031
        {
            return replay with { Fault = Describe(e) };
        }
    }

    private static List<long> FindUnfinished(SqliteSession session)
    {
        var keys = new List<long>();
        // The index, since the table also holds all that have ended.
        using (var row = session.Query("SELECT key FROM hub_instances INDEXED BY hub_instances_unfinished WHERE status IN (0, 4)"))
        {
            while (row.Read()) keys.Add(row.GetInt64(0));
        }
        keys.Sort();
        return keys;
    }

    private static Instance? Load(SqliteSession session, long key)
    {
        string id, name;
        bool isStuck;
        using (var row = session.Query("SELECT id, name, status FROM hub_instances WHERE key = ?1 AND status IN (0, 4)", key))
        {
            if (!row.Read()) return null;
            (id, name, isStuck) = (row.GetString(0), row.GetString(1), row.GetInt64(2) == (long)OrchestrationStatus.Stuck);
        }
        try
        {
            var turns = SqliteTaskHub.ReadHistory(session, key);
            return turns.Count == 0 ? null : new Instance(id, name, isStuck, turns, null);
        }
        catch (Exception e) when (e is JsonException or NotSupportedException)
        {
            return new Instance(id, name, isStuck, [], Describe(e));
        }
    }

    private static string Describe(Exception e) => $"its history can't be read by this build: {e.GetType().Name}: {e.Message}";

    private sealed record Instance(string Id, string Name, bool IsStuck, List<List<HistoryEvent>> Turns, string? Fault);
}
