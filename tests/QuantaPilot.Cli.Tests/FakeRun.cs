using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using QuantaPilot.Core.Contracts;
using QuantaPilot.Core.Ports;
using QuantaPilot.Core.Runs;

namespace QuantaPilot.Cli.Tests;

/// <summary>A run of <see cref="FakeApi"/>: its resource and its log.</summary>
internal sealed class FakeRun
{
    public static readonly DateTimeOffset Start = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);

    private readonly Lock _lock = new();
    private readonly List<(long Sequence, string Json)> _events = [];
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public FakeRun(string? id = null, string repoUrl = "https://example.com/org/project", string branch = "main")
    {
        var runId = id is null ? RunId.From(Guid.CreateVersion7()) : RunId.Parse(id);
        Resource = new RunResource(
            runId, RunStatus.Running, "documentation", null, repoUrl, branch, null, repoUrl, "b5b0c3de-0000-4000-8000-000000000000",
            "admin", Start, Start, Start, null, null, [], [], [], 0);
    }

    public RunResource Resource { get; private set; }

    /// <summary>What its agents and checks wrote.</summary>
    public ConcurrentQueue<RunLogEntry> Log { get; } = new();

    public Task Changed
    {
        get
        {
            lock (_lock) return _changed.Task;
        }
    }

    public IReadOnlyList<(long Sequence, string Json)> EventsAfter(long after)
    {
        lock (_lock) return [.. _events.Where(e => e.Sequence > after)];
    }

    public FakeRun With(Func<RunResource, RunResource> change)
    {
        Resource = change(Resource);
        return this;
    }

    public FakeRun Emit(string name, params (string Name, JsonNode? Value)[] data)
    {
        lock (_lock)
        {
            var sequence = _events.Count + 1;
            var payload = new JsonObject { ["run_id"] = Resource.RunId.ToString() };
            foreach (var (key, value) in data) payload[key] = value;
            var json = new JsonObject
            {
                ["specversion"] = "1.0",
                ["id"] = $"{Resource.RunId}:{sequence}",
                ["type"] = "quantapilot." + name,
                ["source"] = "/quantapilot/runs",
                ["subject"] = Resource.RunId.ToString(),
                ["time"] = Start.AddSeconds(sequence).ToString("O"),
                ["sequence"] = sequence,
                ["project"] = Resource.Project,
                ["data"] = payload,
            };
            _events.Add((sequence, json.ToJsonString()));
            Resource = Resource with { LastSequence = sequence };
            var changed = _changed;
            _changed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            changed.SetResult();
        }
        return this;
    }

    public FakeRun Started() => Emit("run_started", ("repo_url", Resource.RepoUrl), ("branch", Resource.Branch), ("correlation_id", "c"));

    public FakeRun AtGate(string gate = "anchor", string summary = "Eleven documents.")
    {
        var review = new GateReview(new PullRequestRef(1, null, "quantapilot/x/documentation"), new string('a', 40), null, summary);
        With(run => run with
        {
            Status = RunStatus.Waiting,
            Gates = [.. run.Gates.Where(g => g.Gate != gate), new GateResource(
                run.RunId, gate, GateStatus.Pending, "Review the documentation.", Start, Start.AddDays(7), 1, true, [], review)],
        });
        return Emit("gate_requested", ("gate", gate), ("description", "Review the documentation."));
    }

    public FakeRun Decide(string gate, bool approved, string reason)
    {
        With(run => run with
        {
            Status = RunStatus.Running,
            Gates = [.. run.Gates.Select(g => g.Gate == gate
                ? g with { Status = approved ? GateStatus.Approved : GateStatus.Rejected, Votes = [new Vote("admin", approved, reason, Start)] }
                : g)],
        });
        return Emit("gate_decision", ("gate", gate), ("approved", approved), ("reason", reason));
    }

    public FakeRun Completed()
    {
        With(run => run with { Status = RunStatus.Completed, EndedAt = Start.AddMinutes(1) });
        return Emit("run_completed");
    }

    public FakeRun Failed(string code, string message = "It went wrong.")
    {
        With(run => run with
        {
            Status = code == ErrorCodes.Cancelled ? RunStatus.Cancelled : RunStatus.Failed,
            Error = new RunError(code, message),
            EndedAt = Start.AddMinutes(1),
        });
        return Emit("run_failed", ("error_code", code), ("message", message));
    }
}
