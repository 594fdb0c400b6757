using System.Net;
using System.Text.Json;

namespace QuantaPilot.Conformance.Support;

/// <summary>A run that a scenario started, over the API alone.</summary>
/// <param name="api">Who looks at it.</param>
/// <param name="id">Its id.</param>
/// <param name="remote">The repository that it works on, unless that is on the suite's GitHub.</param>
internal sealed class Run(Api api, string id, Remote? remote)
{
    public string Id => id;

    public string Path => $"/runs/{id}";

    public Remote Remote => remote ?? throw new InvalidOperationException("The repository is on the suite's GitHub.");

    public string DocumentationBranch => $"quantapilot/{id}/documentation";

    public static bool HasEnded(JsonElement run) => run.Text("status") is "completed" or "failed" or "cancelled";

    public async Task<JsonElement> GetAsync() => (await api.GetAsync(Path)).Expect(HttpStatusCode.OK);

    /// <summary>The next event of this name after a place in the log, as the live stream tells it.</summary>
    public async Task<JsonElement> UntilEventAsync(string name, int after = 0)
    {
        // Proxies cut streams off now and then: a reader goes on from the last event.
        while (true)
        {
            using var stream = await api.StreamAsync($"{Path}/events", $"{after}");
            while (await stream.NextAsync() is { } e)
            {
                after = e.Data.GetProperty("sequence").GetInt32();
                if (Contract.NameOf(e.Data) == name) return e.Data;
            }
            var run = await GetAsync();
            Assert.False(HasEnded(run), $"The run ended without {name}: {run}");
        }
    }

    /// <summary>The gate once it is asked for, after a place in the log.</summary>
    public async Task<JsonElement> UntilAskedAsync(int after = 0, string gate = "anchor")
    {
        var requested = await UntilEventAsync("gate_requested", after);
        Assert.Equal(gate, requested.GetProperty("data").Text("gate"));
        return await GateAsync(gate);
    }

    public async Task<JsonElement> GateAsync(string gate = "anchor")
    {
        var gates = (await api.GetAsync($"{Path}/gates")).Expect(HttpStatusCode.OK).Items();
        return Assert.Single(gates, g => g.Text("gate") == gate);
    }

    /// <summary>The run once it shows this status.</summary>
    public Task<JsonElement> UntilStatusAsync(string status) =>
        Patiently.UntilAsync(GetAsync, run => run.Text("status") == status, $"Run {id} did not get {status}");

    /// <summary>The run once it has ended.</summary>
    public Task<JsonElement> UntilEndAsync() => Patiently.UntilAsync(
        async () => (await api.GetAsync(Path, ("Prefer", "wait=30"))).Expect(HttpStatusCode.OK), HasEnded, $"Run {id} did not end");

    /// <summary>The run once it has ended as this.</summary>
    public async Task<JsonElement> UntilEndAsync(string status)
    {
        var run = await UntilEndAsync();
        Assert.True(status == run.Text("status"), $"Expected {status}: {run}");
        return run;
    }

    /// <summary>The run once it has failed with this code.</summary>
    public async Task<JsonElement> UntilFailureAsync(string errorCode)
    {
        var run = await UntilEndAsync("failed");
        Assert.Equal(errorCode, run.GetProperty("error").Text("error_code"));
        return run;
    }

    public Task<Answer> DecideAsync(bool approved, string? reason = null, string? headSha = null, Api? by = null, string gate = "anchor")
    {
        var body = new Dictionary<string, object> { ["approved"] = approved };
        if (reason is not null) body["reason"] = reason;
        if (headSha is not null) body["head_sha"] = headSha;
        return (by ?? api).PostAsync($"{Path}/gates/{gate}", body);
    }

    /// <summary>Approves a gate that waits.</summary>
    public async Task ApproveAsync(string gate = "anchor", Api? by = null)
    {
        var answer = (await DecideAsync(true, "reads well", by: by, gate: gate)).Expect(HttpStatusCode.OK);
        Assert.Equal("applied", answer.Text("result"));
    }

    public Task<Answer> ControlAsync(string action, string? reason = null, Api? by = null) =>
        (by ?? api).PostAsync($"{Path}/{action}", reason is null ? null : new { reason });

    /// <summary>Resumes with new limits.</summary>
    public Task<Answer> ResumeAsync(object limits) => api.PostAsync($"{Path}/resume", new { limits });

    /// <summary>The whole event log, checked against the contract.</summary>
    public async Task<IReadOnlyList<JsonElement>> LogAsync()
    {
        var events = await api.ListAsync($"{Path}/events", 200);
        Contract.AssertLog(events, await GetAsync());
        return events;
    }

    public async Task<IReadOnlyList<string>> LogNamesAsync() => [.. (await LogAsync()).Select(Contract.NameOf)];

    /// <summary>The payload of the only event of this name.</summary>
    public async Task<JsonElement> OnlyAsync(string name) =>
        Assert.Single(await LogAsync(), e => Contract.NameOf(e) == name).GetProperty("data");
}
