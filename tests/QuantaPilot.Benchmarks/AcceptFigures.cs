using System.Diagnostics;
using System.Net.Http.Json;

namespace QuantaPilot.Benchmarks;

/// <summary>
/// What authentication, rate limits and validation add to <c>POST /run</c>: requests with them and without, in turns on the
/// same server, so that whatever else the machine does falls on both alike.
/// </summary>
internal static class AcceptFigures
{
    public static async Task RunAsync(int runs)
    {
        var data = Figures.NewDirectory();
        try
        {
            await using var server = await MeasuredServer.StartAsync(data, "--bare", "true");
            await MeasureAsync(server, Math.Min(runs, 1_000), 16); // warms up
            foreach (var concurrency in new[] { 1, 16 })
            {
                var (with, without) = await MeasureAsync(server, runs, concurrency);
                var added = Figures.Percentile(with, .5) - Figures.Percentile(without, .5);
                Figures.Print($"{concurrency} at once, {with.Count} of each kind in turns: the checks add {added:F2} ms at p50");
                Print("with", with);
                Print("without", without);
            }
        }
        finally
        {
            Directory.Delete(data, recursive: true);
        }
    }

    private static void Print(string what, List<double> times) =>
        Figures.Print($"  {what}: p50 {Figures.Percentile(times, .5):F2} ms, p99 {Figures.Percentile(times, .99):F2} ms");

    private static async Task<(List<double> With, List<double> Without)> MeasureAsync(MeasuredServer server, int runs, int concurrency)
    {
        var times = new double[runs];
        var next = -1;
        await Task.WhenAll(Enumerable.Range(0, concurrency).Select(async _ =>
        {
            for (int i; (i = Interlocked.Increment(ref next)) < runs;)
            {
                var clock = Stopwatch.StartNew();
                var body = new { repo_url = "https://example.com/org/project.git", branch = "main" };
                using var answer = await server.Http.PostAsJsonAsync(i % 2 == 0 ? "/run" : BareRuns.Path, body);
                answer.EnsureSuccessStatusCode();
                times[i] = clock.Elapsed.TotalMilliseconds;
            }
        }));
        return ([.. times.Where((_, i) => i % 2 == 0)], [.. times.Where((_, i) => i % 2 == 1)]);
    }
}
