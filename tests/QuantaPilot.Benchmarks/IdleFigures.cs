namespace QuantaPilot.Benchmarks;

/// <summary>What a server with runs waiting at gates costs when nobody calls it.</summary>
internal static class IdleFigures
{
    public static async Task RunAsync(TimeSpan time)
    {
        var data = Figures.NewDirectory();
        try
        {
            await using var server = await MeasuredServer.StartAsync(data);
            await server.StartRunsAsync(100);
            await Task.Delay(TimeSpan.FromSeconds(15)); // past the background compilation of what has just run
            var before = server.ProcessorTime;
            await Task.Delay(time);
            var used = server.ProcessorTime - before;
            Figures.Print($"idle with 100 waiting runs: {used.TotalMilliseconds:F0} ms of processor time in {time.TotalSeconds:F0} s, {used / time * 100:F2} % of a core");
        }
        finally
        {
            Directory.Delete(data, recursive: true);
        }
    }
}
