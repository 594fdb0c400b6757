using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Text.Json;

namespace QuantaPilot.Benchmarks.Load;

/// <summary>
/// Many gated runs at once on servers that are up already, over repositories that are served here. Every log and every
/// remote is looked at afterwards: that makes it the driver of tests in which servers are killed meanwhile.
/// </summary>
internal sealed class LoadCommand
{
    /// <summary>How often a run is looked at beside the stream, should that not tell of it.</summary>
    private static readonly TimeSpan Look = TimeSpan.FromSeconds(10);

    private readonly ConcurrentBag<string> _faults = [];
    private readonly ConcurrentDictionary<string, LoadRun> _byId = new();
    private readonly Stopwatch _clock = Stopwatch.StartNew();
    private readonly Servers _servers;
    private readonly ServedRepositories _repositories;
    private readonly CancellationToken _timeout;
    private TimeSpan _acceptedIn;
    private TimeSpan _endedIn;

    private LoadCommand(Servers servers, ServedRepositories repositories, CancellationToken timeout)
    {
        _servers = servers;
        _repositories = repositories;
        _timeout = timeout;
    }

    /// <returns>The exit code: 0 if every run was carried out once and told of once.</returns>
    public static async Task<int> RunAsync(IReadOnlyList<Uri> urls, string token, int runs, TimeSpan timeout)
    {
        using var time = new CancellationTokenSource(timeout);
        using var servers = new Servers(urls, token);
        await using var repositories = await ServedRepositories.StartAsync(runs);
        Figures.Print($"load: {runs} runs at once on {string.Join(" and ", urls)}");
        var load = new LoadCommand(servers, repositories, time.Token);
        await load.DriveAsync(runs);
        load.Print();
        return load._faults.IsEmpty ? 0 : 1;
    }

    private async Task DriveAsync(int count)
    {
        await using var stream = new RunStream(_servers, Tell);
        await stream.OpenAsync(_timeout);
        var key = Guid.NewGuid().ToString("N");
        var started = await Task.WhenAll(Enumerable.Range(0, count).Select(i => StartAsync(i, $"load-{key}-{i}")));
        _acceptedIn = _clock.Elapsed;
        await Task.WhenAll(started.Select(DecideAndAwaitEndAsync));
        _endedIn = _clock.Elapsed;
        await stream.UntilAsync(() => started.All(run => run.Ended.Task.IsCompleted), Look, _timeout);
        await Parallel.ForEachAsync(started, _timeout, async (run, _) => await VerifyAsync(run));
    }

    private async Task<LoadRun> StartAsync(int index, string key)
    {
        var from = _clock.Elapsed;
        var body = new { repo_url = _repositories.Url(index), branch = "main" };
        var answer = await _servers.SendAsync(HttpMethod.Post, "/run", body, _timeout, ("Idempotency-Key", key));
        var id = answer.Expect(HttpStatusCode.Accepted).GetProperty("run_id").GetString()!;
        var run = _byId.GetOrAdd(id, _ => new LoadRun(id));
        run.Index = index;
        run.Sent = from;
        run.Accepted = _clock.Elapsed;
        return run;
    }

    /// <summary>An event of any run, as the stream tells it.</summary>
    private void Tell(string runId, string id, string type)
    {
        // The stream may be faster than the answer to the start; runs of others are of no interest, and few.
        var run = _byId.GetOrAdd(runId, _ => new LoadRun(runId));
        lock (run.Told) run.Told.Add(id);
        if (type == "quantapilot.gate_requested" && run.Asked.TrySetResult()) run.AskedAt = _clock.Elapsed;
        if (type is "quantapilot.run_completed" or "quantapilot.run_failed") run.Ended.TrySetResult();
    }

    private async Task DecideAndAwaitEndAsync(LoadRun run)
    {
        while (!run.Asked.Task.IsCompleted)
        {
            await Task.WhenAny(run.Asked.Task, Task.Delay(Look, _timeout));
            if (run.Asked.Task.IsCompleted) break;
            var now = await GetAsync(run);
            var status = now.GetProperty("status").GetString();
            if (status is "failed" or "cancelled" or "stuck")
            {
                Complain(run, $"was {status} before its gate: {now}");
                return;
            }
            if (status == "waiting") break;
        }
        if (run.AskedAt == default) run.AskedAt = _clock.Elapsed;
        var decided = _clock.Elapsed;
        var answer = await _servers.SendAsync(HttpMethod.Post, $"/runs/{run.Id}/gates/anchor", new { approved = true }, _timeout);
        var result = answer.Expect(HttpStatusCode.OK).GetProperty("result").GetString();
        // A repeat, after a connection was lost, finds what the first try has done.
        if (result is not ("applied" or "already_decided")) Complain(run, $"was decided as {result}");
        while (true)
        {
            var now = await GetAsync(run, ("Prefer", "wait=60"));
            if (now.GetProperty("status").GetString() is not ("completed" or "failed" or "cancelled")) continue;
            run.DecisionToEnd = _clock.Elapsed - decided;
            return;
        }
    }

    private async Task VerifyAsync(LoadRun run)
    {
        var now = await GetAsync(run);
        if (now.GetProperty("status").GetString() != "completed")
        {
            Complain(run, $"did not complete: {now}");
            return;
        }
        var log = (await _servers.SendAsync(HttpMethod.Get, $"/runs/{run.Id}/events", null, _timeout)).Expect(HttpStatusCode.OK);
        if (run.FindLogFault(log) is { } logFault) Complain(run, logFault);
        if (run.FindStreamFault() is { } streamFault) Complain(run, streamFault);
        if (now.GetProperty("gates")[0].GetProperty("votes").GetArrayLength() != 1) Complain(run, $"has not one vote: {now}");
        var merged = now.GetProperty("pull_requests")[0].GetProperty("merge_sha").GetString()!;
        if (_repositories.FindFault(run.Index, merged) is { } remoteFault) Complain(run, remoteFault);
    }

    private async Task<JsonElement> GetAsync(LoadRun run, params (string Name, string Value)[] headers) =>
        (await _servers.SendAsync(HttpMethod.Get, $"/runs/{run.Id}", null, _timeout, headers)).Expect(HttpStatusCode.OK);

    private void Complain(LoadRun run, string fault) => _faults.Add($"run {run.Id} {fault}");

    private void Print()
    {
        var runs = _byId.Values.Where(run => run.Index >= 0).ToList();
        PrintTimes("accepted", runs.Select(run => run.Accepted - run.Sent));
        PrintTimes("start to gate", runs.Select(run => run.AskedAt - run.Sent));
        PrintTimes("decision to end", runs.Select(run => run.DecisionToEnd));
        Figures.Print($"{runs.Count / _acceptedIn.TotalSeconds:F1} accepted per second");
        Figures.Print($"{runs.Count / _endedIn.TotalSeconds:F1} gated runs per second: all had ended after {_endedIn.TotalSeconds:F1} s");
        Figures.Print($"faults met and got over: {_servers.FaultsText}");
        foreach (var fault in _faults.Take(20)) Console.WriteLine(fault);
        var verdict = _faults.IsEmpty ? "verified" : "FAILED";
        Figures.Print($"{verdict}: {runs.Count} runs, {_faults.Count} faults in logs, stream, votes and remotes");
    }

    private static void PrintTimes(string what, IEnumerable<TimeSpan> times)
    {
        var milliseconds = times.Select(time => time.TotalMilliseconds).ToList();
        Figures.Print($"{what}: p50 {Figures.Percentile(milliseconds, .5):F0} ms, p99 {Figures.Percentile(milliseconds, .99):F0} ms");
    }
}
