using System.Diagnostics;
using System.Net.Http.Json;
using System.Text.Json;

namespace QuantaPilot.Benchmarks.Large;

/// <summary>
/// Runs on a large repository, in a server of their own: its memory, and how soon a run ends that is cancelled in each phase.
/// </summary>
internal static class LargeRun
{
    private static readonly string[] _phases = ["receiving_objects", "checking_out_files", "reading_files"];

    public static async Task MeasureAsync(IReadOnlyList<string> urls)
    {
        foreach (var url in urls)
        {
            var data = Figures.NewDirectory();
            try
            {
                await using var server = await MeasuredServer.StartAsync(data, "--real", "true");
                Figures.Print($"{url.Split(':')[0]}: {server.PeakMegabytes:F0} MB before");
                foreach (var phase in _phases) await CancelAsync(server, url, phase);
                await CancelMergeAsync(server, url);
                var clock = Stopwatch.StartNew();
                var run = await StartAsync(server, url);
                await server.UntilWaitingAsync(run);
                var scheme = url.Split(':')[0];
                Figures.Print($"{scheme}: a run at its gate after {clock.Elapsed.TotalSeconds:F1} s, at most {server.PeakMegabytes:F0} MB");
                var took = await server.DecideAndAwaitEndAsync(run);
                Figures.Print($"{scheme}: merged {took / 1000:F1} s after its decision, at most {server.PeakMegabytes:F0} MB");
            }
            finally
            {
                Directory.Delete(data, recursive: true);
            }
        }
    }

    /// <summary>Cancels a run a third into a phase.</summary>
    private static async Task CancelAsync(MeasuredServer server, string url, string phase)
    {
        var run = await StartAsync(server, url);
        while (true)
        {
            var now = await server.Http.GetFromJsonAsync<JsonElement>($"/runs/{run}");
            var status = now.GetProperty("status").GetString();
            if (status is "waiting" or "failed" or "completed")
            {
                Figures.Print($"{url.Split(':')[0]}: {phase} was not seen; the run is {status}");
                return;
            }
            if (now.TryGetProperty("progress", out var progress)
                && progress.GetProperty("doing").GetString() == phase
                && progress.GetProperty("done").GetInt64() > progress.GetProperty("total").GetInt64() / 3) break;
            await Task.Delay(10);
        }
        await CancelAndAwaitEndAsync(server, run, $"{url.Split(':')[0]}, {phase}");
    }

    /// <summary>Cancels a run soon after the decision that lets it merge.</summary>
    private static async Task CancelMergeAsync(MeasuredServer server, string url)
    {
        var run = await StartAsync(server, url);
        await server.UntilWaitingAsync(run);
        (await server.Http.PostAsJsonAsync($"/runs/{run}/gates/anchor", new { approved = true })).EnsureSuccessStatusCode();
        // On file:// a merge takes a tenth of a second, and over HTTP some.
        await Task.Delay(url.StartsWith("file", StringComparison.Ordinal) ? 30 : 1_000);
        await CancelAndAwaitEndAsync(server, run, $"{url.Split(':')[0]}, merge");
    }

    private static async Task CancelAndAwaitEndAsync(MeasuredServer server, string run, string what)
    {
        var clock = Stopwatch.StartNew();
        (await server.Http.PostAsJsonAsync($"/runs/{run}/cancel", new { })).EnsureSuccessStatusCode();
        using var request = new HttpRequestMessage(HttpMethod.Get, $"/runs/{run}");
        request.Headers.Add("Prefer", "wait=60");
        var ended = await (await server.Http.SendAsync(request)).Content.ReadFromJsonAsync<JsonElement>();
        var took = clock.Elapsed.TotalMilliseconds;
        Figures.Print($"{what}: {ended.GetProperty("status").GetString()} {took:F0} ms after the request to cancel");
    }

    private static async Task<string> StartAsync(MeasuredServer server, string url)
    {
        var response = await server.Http.PostAsJsonAsync("/run", new { repo_url = url, branch = "main" });
        response.EnsureSuccessStatusCode();
        return (await response.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("run_id").GetString()!;
    }
}
