using System.Text.Json;
using QuantaPilot.Engine.Execution;

namespace QuantaPilot.Engine;

public enum ReplayStatus
{
    /// <summary>The code ran to its end.</summary>
    Complete,

    /// <summary>The code fits, and waits for what is not in the history.</summary>
    Waiting,

    /// <summary>The code fits, and ended in an exception.</summary>
    Failed,

    /// <summary>The code fits up to the termination from outside.</summary>
    Terminated,

    /// <summary>The code does not fit the history.</summary>
    Mismatch,
}

/// <summary>What a replay came to.</summary>
/// <param name="Status">How it ended.</param>
/// <param name="OutputJson">The result if it is complete.</param>
/// <param name="Failure">The exception type and message if it failed, or the reason of the termination.</param>
/// <param name="Mismatch">Where the code does not fit, if so.</param>
public sealed record ReplayResult(ReplayStatus Status, string? OutputJson = null, string? Failure = null, ReplayMismatch? Mismatch = null);

/// <summary>Replays an exported history against the code at hand. Runs no activity and touches no store.</summary>
public static class HistoryReplayer
{
    /// <param name="historyJson">From <see cref="EmbeddedEngine.ExportHistory"/>.</param>
    /// <param name="registry">The code.</param>
    /// <param name="json">As in <see cref="EngineOptions.Json"/>.</param>
    /// <exception cref="JsonException">It is not an exported history.</exception>
    public static ReplayResult Replay(string historyJson, OrchestrationRegistry registry, JsonSerializerOptions json)
    {
        var history = JsonSerializer.Deserialize(historyJson, HistoryJson.Default.HistoryDocument);
        if (history is not { InstanceId: not null, Turns: not null })
            throw new JsonException("Not an exported history: it needs an instanceId and turns.");
        return Replay(history, registry, json);
    }

    /// <exception cref="JsonException">Its first turn is none to start from, or another is empty.</exception>
    internal static ReplayResult Replay(HistoryDocument history, OrchestrationRegistry registry, JsonSerializerOptions json)
    {
        json.MakeReadOnly(populateMissingResolver: true);
        if (history.Turns is not [[ExecutionStarted, ..] start, .. var turns] || turns.Exists(turn => turn.Count == 0))
            throw new JsonException("Not a history: it needs turns, the first of which begins with executionStarted.");
        var executor = new OrchestrationExecutor(history.InstanceId, start, registry, json);
        executor.Replay(turns);
        if (executor.Mismatch is { } mismatch) return new ReplayResult(ReplayStatus.Mismatch, Mismatch: mismatch);
        return executor.End switch
        {
            ExecutionCompleted completed => new ReplayResult(ReplayStatus.Complete, OutputJson: completed.Output.ToString()),
            ExecutionFailed failed => new ReplayResult(ReplayStatus.Failed, Failure: $"{failed.ErrorType}: {failed.Message}"),
            _ when turns is [.., [ExecutionTerminated terminated]] => new ReplayResult(ReplayStatus.Terminated, Failure: terminated.Reason),
            _ => new ReplayResult(ReplayStatus.Waiting),
        };
    }
}
