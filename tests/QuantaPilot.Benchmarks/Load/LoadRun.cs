using System.Text.Json;

namespace QuantaPilot.Benchmarks.Load;

/// <summary>One of the runs, with what was heard of it and when.</summary>
internal sealed class LoadRun(string id)
{
    private static readonly string[] Events =
        ["run_started", "documentation_generated", "gate_requested", "gate_decision", "run_completed"];

    public string Id => id;

    /// <summary>Which repository it works on; negative for a run that somebody else started.</summary>
    public int Index { get; set; } = -1;

    public TimeSpan Sent { get; set; }

    public TimeSpan Accepted { get; set; }

    public TimeSpan AskedAt { get; set; }

    public TimeSpan DecisionToEnd { get; set; }

    public TaskCompletionSource Asked { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public TaskCompletionSource Ended { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>The ids of its events as the stream told them.</summary>
    public List<string> Told { get; } = [];

    /// <summary>What is wrong with the log, or null.</summary>
    public string? FindLogFault(JsonElement page)
    {
        var log = page.GetProperty("items").EnumerateArray().ToList();
        var types = log.Select(e => e.GetProperty("type").GetString()).SequenceEqual(Events.Select(name => "quantapilot." + name));
        var ids = log.Select(e => e.GetProperty("id").GetString()).SequenceEqual(Ids);
        var sequences = log.Select(e => e.GetProperty("sequence").GetInt32()).SequenceEqual(Enumerable.Range(1, Events.Length));
        return types && ids && sequences ? null : $"has another log: {page}";
    }

    /// <summary>What is wrong with what the stream told, or null.</summary>
    public string? FindStreamFault()
    {
        lock (Told) return Told.SequenceEqual(Ids) ? null : $"was streamed as {string.Join(", ", Told)}";
    }

    private IEnumerable<string> Ids => Enumerable.Range(1, Events.Length).Select(i => $"{id}:{i}");
}
