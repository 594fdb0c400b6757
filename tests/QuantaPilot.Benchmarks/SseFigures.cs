using System.Globalization;

namespace QuantaPilot.Benchmarks;

/// <summary>How fast events reach many readers at once: each stream tells every event of all runs.</summary>
internal sealed class SseFigures : IDisposable
{
    /// <summary>A run comes to its gate by three: run_started, documentation_generated, gate_requested.</summary>
    private const int EventsPerRun = 3;

    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(60);

    private readonly MeasuredServer _server;
    private readonly HttpClient _http;

    private SseFigures(MeasuredServer server)
    {
        _server = server;
        _http = new HttpClient(new SocketsHttpHandler { MaxConnectionsPerServer = int.MaxValue })
        {
            BaseAddress = server.Http.BaseAddress,
            Timeout = Timeout.InfiniteTimeSpan,
        };
        _http.DefaultRequestHeaders.Authorization = server.Http.DefaultRequestHeaders.Authorization;
    }

    /// <param name="streams">How many read.</param>
    /// <param name="eventsPerSecond">How many are recorded.</param>
    /// <param name="time">For how long.</param>
    public static async Task RunAsync(int streams, int eventsPerSecond, TimeSpan time)
    {
        var data = Figures.NewDirectory();
        try
        {
            await using var server = await MeasuredServer.StartAsync(data);
            using var figures = new SseFigures(server);
            await figures.MeasureAsync(streams, eventsPerSecond, time);
        }
        finally
        {
            Directory.Delete(data, recursive: true);
        }
    }

    public void Dispose() => _http.Dispose();

    private async Task MeasureAsync(int streams, int eventsPerSecond, TimeSpan time)
    {
        await _server.StartRunsAsync(100); // warms up
        var before = _server.ResidentMegabytes;
        var open = await Task.WhenAll(Enumerable.Range(0, streams).Select(_ => OpenAsync()));
        var opened = _server.ResidentMegabytes;

        var (processorTime, start) = (_server.ProcessorTime, DateTime.UtcNow);
        var runs = Math.Max(1, (int)(time.TotalSeconds * eventsPerSecond / EventsPerRun));
        var reading = Task.WhenAll(open.Select(reader => ReadAsync(reader, runs * EventsPerRun)));
        await StartRunsAsync(runs, time / runs);
        var latencies = (await reading.WaitAsync(_patience)).SelectMany(some => some).ToList();
        var took = DateTime.UtcNow - start;

        var used = (_server.ProcessorTime - processorTime) / took;
        var (recorded, delivered) = (runs * EventsPerRun / took.TotalSeconds, latencies.Count / took.TotalSeconds);
        var (p50, p99) = (Figures.Percentile(latencies, .5), Figures.Percentile(latencies, .99));
        Figures.Print($"{streams} streams, {recorded:F0} events per second: {delivered:F0} delivered per second, none lost or told twice");
        Figures.Print($"from the clock of the run, by way of the commit, to the reader: p50 {p50:F1} ms, p99 {p99:F1} ms");
        Figures.Print($"resident memory {before:F0} MB, {opened:F0} MB with the streams open, {_server.ResidentMegabytes:F0} MB after");
        Figures.Print($"{used:F2} processors used by the server");
    }

    private async Task<StreamReader> OpenAsync()
    {
        var answer = await _http.GetAsync(new Uri("/events", UriKind.Relative), HttpCompletionOption.ResponseHeadersRead);
        answer.EnsureSuccessStatusCode();
        return new StreamReader(await answer.Content.ReadAsStreamAsync());
    }

    /// <returns>How long each event was under way, in milliseconds.</returns>
    private static async Task<List<double>> ReadAsync(StreamReader reader, int count)
    {
        using (reader)
        {
            var latencies = new List<double>(count);
            var seen = new HashSet<string>(count);
            while (latencies.Count < count)
            {
                var line = await reader.ReadLineAsync() ?? throw new InvalidOperationException("A stream ended.");
                if (line.StartsWith("id: ", StringComparison.Ordinal) && !seen.Add(line))
                    throw new InvalidOperationException($"Told twice: {line}");
                if (line.StartsWith("data: ", StringComparison.Ordinal)) latencies.Add((DateTime.UtcNow - TimeOf(line)).TotalMilliseconds);
            }
            return latencies;
        }
    }

    /// <summary>Without parsing the whole event: the reader is on the same processors as the server.</summary>
    private static DateTime TimeOf(string data)
    {
        const string Member = "\"time\":\"";
        var start = data.IndexOf(Member, StringComparison.Ordinal) + Member.Length;
        var end = data.IndexOf('"', start);
        return DateTime.Parse(data.AsSpan(start, end - start), CultureInfo.InvariantCulture, DateTimeStyles.AdjustToUniversal);
    }

    private async Task StartRunsAsync(int count, TimeSpan interval)
    {
        var started = new List<Task<string>>(count);
        using var timer = new PeriodicTimer(interval > TimeSpan.FromMilliseconds(1) ? interval : TimeSpan.FromMilliseconds(1));
        for (var i = 0; i < count; i++)
        {
            await timer.WaitForNextTickAsync();
            started.Add(_server.StartRunAsync());
        }
        await Task.WhenAll(started);
    }
}
