using System.Diagnostics;

namespace QuantaPilot.Benchmarks;

/// <summary>How long a restart takes, from the start of the process until it answers as ready, with unfinished runs in the file.</summary>
internal static class RestartFigures
{
    public static async Task RunAsync(int runs)
    {
        var data = Figures.NewDirectory();
        try
        {
            var empty = Stopwatch.StartNew();
            string[] ids;
            await using (var server = await MeasuredServer.StartAsync(data))
            {
                empty.Stop();
                ids = await server.StartRunsAsync(runs);
                await server.KillAsync();
            }
            var full = Stopwatch.StartNew();
            await using (var server = await MeasuredServer.StartAsync(data))
            {
                full.Stop();
                var first = await server.DecideAndAwaitEndAsync(ids[0]);
                Figures.Print($"ready after {full.Elapsed.TotalSeconds:F2} s with {runs} unfinished runs after kill -9; with none: {empty.Elapsed.TotalSeconds:F2} s");
                Figures.Print($"first decision after the restart to the end of its run: {first:F0} ms");
            }
        }
        finally
        {
            Directory.Delete(data, recursive: true);
        }
    }
}
