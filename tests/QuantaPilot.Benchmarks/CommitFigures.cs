using System.Diagnostics;
using QuantaPilot.Engine.Storage;

namespace QuantaPilot.Benchmarks;

/// <summary>Commits per second, alone and together, against the rate at which the disk makes 4 KiB durable.</summary>
internal static class CommitFigures
{
    private static readonly TimeSpan Time = TimeSpan.FromSeconds(3);

    public static async Task RunAsync()
    {
        var data = Figures.NewDirectory();
        try
        {
            var syncs = SyncsPerSecond(Path.Combine(data, "raw"));
            Figures.Print($"disk: {syncs:F0} durable writes of 4 KiB per second");
            using var file = SqliteFile.Open(Path.Combine(data, "commits.db"));
            await file.WriteAsync(session => session.Execute("CREATE TABLE t (id INTEGER PRIMARY KEY, payload BLOB)"));
            foreach (var writers in new[] { 1, 1, 8, 64, 256 })
            {
                var commits = await CommitsPerSecondAsync(file, writers);
                Figures.Print($"{writers} writers: {commits:F0} commits per second, {commits / syncs:F2} x the disk's rate");
            }
        }
        finally
        {
            Directory.Delete(data, recursive: true);
        }
    }

    private static double SyncsPerSecond(string path)
    {
        var block = new byte[4096];
        using var file = new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0);
        var clock = Stopwatch.StartNew();
        var count = 0;
        while (clock.Elapsed < Time)
        {
            file.Position = 0;
            file.Write(block);
            file.Flush(flushToDisk: true);
            count++;
        }
        return count / clock.Elapsed.TotalSeconds;
    }

    private static async Task<double> CommitsPerSecondAsync(SqliteFile file, int writers)
    {
        var payload = new byte[500];
        var clock = Stopwatch.StartNew();
        var counts = await Task.WhenAll(Enumerable.Range(0, writers).Select(_ => Task.Run(async () =>
        {
            var count = 0;
            while (clock.Elapsed < Time)
            {
                await file.WriteAsync(session => session.Execute("INSERT INTO t (payload) VALUES (?1)", payload));
                count++;
            }
            return count;
        })));
        return counts.Sum() / clock.Elapsed.TotalSeconds;
    }
}
