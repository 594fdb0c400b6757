using System.Globalization;
using System.Text.Json;

namespace QuantaPilot.Conformance.Support;

/// <summary>
/// The events as they are promised: CloudEvents 1.0 around the payloads of the integration API's table, member for member.
/// </summary>
internal static class Contract
{
    /// <summary>The events of a run that is approved at the anchor gate and has no milestones.</summary>
    public static readonly string[] WholeRun =
        ["run_started", "documentation_generated", "gate_requested", "gate_decision", "run_completed"];

    private const string TypePrefix = "quantapilot.";

    private static readonly string[] Envelope =
    [
        "specversion", "id", "type", "source", "subject", "time", "datacontenttype", "dataschema",
        "correlationid", "sequence", "project", "data",
    ];

    private static readonly Dictionary<string, string[]> Payloads = new()
    {
        ["run_started"] = ["run_id", "repo_url", "branch", "correlation_id"],
        ["documentation_generated"] = ["run_id", "docs_branch", "pr_number"],
        ["gate_requested"] = ["run_id", "gate", "description"],
        ["gate_decision"] = ["run_id", "gate", "approved", "reason"],
        ["milestone_completed"] = ["run_id", "milestone_id"],
        ["run_paused"] = ["run_id", "reason"],
        ["run_resumed"] = ["run_id"],
        ["run_failed"] = ["run_id", "error_code", "message"],
        ["run_completed"] = ["run_id"],
    };

    /// <summary>The name of an event as the table has it.</summary>
    public static string NameOf(JsonElement e) => e.Text("type")[TypePrefix.Length..];

    /// <summary>The whole log of a run: in order, without gap or repeat, each event as promised.</summary>
    public static void AssertLog(IReadOnlyList<JsonElement> events, JsonElement run)
    {
        Assert.Equal(Enumerable.Range(1, events.Count), events.Select(e => e.GetProperty("sequence").GetInt32()));
        foreach (var e in events) AssertEvent(e, run);
        var times = events.Select(e => Time(e.Text("time"))).ToList();
        Assert.Equal(times.Order(), times);
    }

    /// <summary>A time of the API: RFC 3339, in UTC.</summary>
    public static DateTimeOffset Time(string text)
    {
        var time = DateTimeOffset.Parse(text, CultureInfo.InvariantCulture, DateTimeStyles.None);
        Assert.Equal(TimeSpan.Zero, time.Offset);
        return time;
    }

    private static void AssertEvent(JsonElement e, JsonElement run)
    {
        var name = NameOf(e);
        var runId = run.Text("run_id");
        Assert.Equal(Envelope.Order(), e.MemberNames().Order());
        Assert.Equal("1.0", e.Text("specversion"));
        Assert.Equal($"{runId}:{e.GetProperty("sequence").GetInt64()}", e.Text("id"));
        Assert.Equal(TypePrefix + name, e.Text("type"));
        Assert.Equal("/quantapilot/runs", e.Text("source"));
        Assert.Equal(runId, e.Text("subject"));
        Assert.Equal("application/json", e.Text("datacontenttype"));
        Assert.EndsWith($"api.schema.json#/$defs/{name}", e.Text("dataschema"), StringComparison.Ordinal);
        Assert.Equal(run.Text("correlation_id"), e.Text("correlationid"));
        Assert.Equal(run.Text("project"), e.Text("project"));

        var data = e.GetProperty("data");
        Assert.True(Payloads.TryGetValue(name, out var members), $"There is no event {name}.");
        Assert.Equal(members!.Order(), data.MemberNames().Order());
        Assert.Equal(runId, data.Text("run_id"));
        foreach (var member in data.EnumerateObject()) Assert.Contains(member.Value.ValueKind, KindsOf(member.Name));
        Assert.Null(SchemaSet.FindFault("event", e.GetRawText()));
    }

    private static JsonValueKind[] KindsOf(string member) => member switch
    {
        "pr_number" => [JsonValueKind.Number],
        "approved" => [JsonValueKind.True, JsonValueKind.False],
        _ => [JsonValueKind.String],
    };
}
