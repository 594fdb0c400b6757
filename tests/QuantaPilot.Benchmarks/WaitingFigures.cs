namespace QuantaPilot.Benchmarks;

/// <summary>Many runs waiting at a gate: what they cost in memory, and whether a decision among them is as fast as among ten.</summary>
internal static class WaitingFigures
{
    private const int Decisions = 200;

    public static async Task RunAsync(int runs)
    {
        var data = Figures.NewDirectory();
        try
        {
            await using var server = await MeasuredServer.StartAsync(data);
            var few = await server.StartRunsAsync(10 + Decisions);
            foreach (var id in few.Skip(10 + Decisions / 2)) await server.DecideAndAwaitEndAsync(id); // warms up
            var among10 = await MeasureAsync(server, few.Skip(10).Take(Decisions / 2));
            var before = server.ResidentMegabytes;
            var many = await server.StartRunsAsync(runs);
            await Task.Delay(TimeSpan.FromSeconds(5)); // lets the garbage collector and the writer come to rest
            var resident = server.ResidentMegabytes;
            var amongMany = await MeasureAsync(server, Spread(many, Decisions));
            Figures.Print($"waiting runs: {runs + 10}; resident memory {resident:F0} MB in all ({before:F0} MB before), {(resident - before) * 1024 / runs:F2} KB per run");
            Figures.Print(
                $"decision to end among 10: p50 {Figures.Percentile(among10, .5):F1} ms, p99 {Figures.Percentile(among10, .99):F1} ms");
            Figures.Print($"decision to end among {runs}: p50 {Figures.Percentile(amongMany, .5):F1} ms, p99 {Figures.Percentile(amongMany, .99):F1} ms");
            Figures.Print($"resident memory after the decisions: {server.ResidentMegabytes:F0} MB");
        }
        finally
        {
            Directory.Delete(data, recursive: true);
        }
    }

    private static async Task<List<double>> MeasureAsync(MeasuredServer server, IEnumerable<string> ids)
    {
        var times = new List<double>();
        foreach (var id in ids) times.Add(await server.DecideAndAwaitEndAsync(id));
        return times;
    }

    private static IEnumerable<string> Spread(string[] ids, int count) =>
        Enumerable.Range(0, count).Select(i => ids[i * (ids.Length / count)]);
}
