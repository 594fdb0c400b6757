using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text.Json;

namespace QuantaPilot.Benchmarks;

/// <summary><c>serve</c> as a process of its own, so that its memory and processor time are its own.</summary>
internal sealed class MeasuredServer : IAsyncDisposable
{
    private readonly string _data;
    private readonly Process _process;

    private MeasuredServer(string data, Process process, HttpClient http)
    {
        _data = data;
        _process = process;
        Http = http;
    }

    public HttpClient Http { get; }

    /// <summary>Resident memory of the process, in MB.</summary>
    public double ResidentMegabytes => Status("VmRSS");

    /// <summary>The most resident memory that the process ever had, in MB.</summary>
    public double PeakMegabytes => Status("VmHWM");

    public TimeSpan ProcessorTime
    {
        get
        {
            _process.Refresh();
            return _process.TotalProcessorTime;
        }
    }

    /// <summary>Starts it over a directory, perhaps with more options; ready when this returns.</summary>
    public static async Task<MeasuredServer> StartAsync(string data, params string[] options)
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var url = $"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}";
        listener.Stop();
        var start = new ProcessStartInfo(Environment.ProcessPath!) { RedirectStandardError = true };
        foreach (var argument in (string[])["serve", "--url", url, "--data", data, .. options]) start.ArgumentList.Add(argument);
        var process = Process.Start(start)!;
        process.ErrorDataReceived += (_, line) =>
        {
            if (line.Data is { } text) Console.Error.WriteLine($"  server: {text}");
        };
        process.BeginErrorReadLine();
        var http = new HttpClient(new SocketsHttpHandler { MaxConnectionsPerServer = 64 }) { BaseAddress = new Uri(url), Timeout = TimeSpan.FromMinutes(10) };
        while (true)
        {
            if (process.HasExited) throw new InvalidOperationException("The server ended.");
            try
            {
                if ((await http.GetAsync(new Uri("/readyz", UriKind.Relative))).IsSuccessStatusCode) break;
            }
            catch (HttpRequestException)
            {
                // Not listening yet.
            }
            await Task.Delay(5);
        }
        http.DefaultRequestHeaders.Authorization =
            new AuthenticationHeaderValue("Bearer", (await File.ReadAllTextAsync(Path.Combine(data, "admin.token"))).Trim());
        return new MeasuredServer(data, process, http);
    }

    public async Task<string> StartRunAsync()
    {
        var response = await Http.PostAsJsonAsync("/run", new { repo_url = "https://example.com/org/project.git", branch = "main" });
        response.EnsureSuccessStatusCode();
        return (await response.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("run_id").GetString()!;
    }

    /// <summary>Starts runs, 64 at a time, and waits until the last of them stands at its gate.</summary>
    public async Task<string[]> StartRunsAsync(int count)
    {
        var ids = new string[count];
        await Parallel.ForAsync(
            0, count, new ParallelOptions { MaxDegreeOfParallelism = 64 }, async (i, _) => ids[i] = await StartRunAsync());
        foreach (var id in ids.TakeLast(256)) await UntilWaitingAsync(id);
        return ids;
    }

    public async Task UntilWaitingAsync(string id)
    {
        while ((await Http.GetFromJsonAsync<JsonElement>($"/runs/{id}")).GetProperty("status").GetString() != "waiting")
        {
            await Task.Delay(2);
        }
    }

    /// <summary>Approves the anchor gate and waits for the end of the run.</summary>
    /// <returns>How long that took, in milliseconds.</returns>
    public async Task<double> DecideAndAwaitEndAsync(string id)
    {
        var clock = Stopwatch.StartNew();
        var decision = await Http.PostAsJsonAsync($"/runs/{id}/gates/anchor", new { approved = true });
        decision.EnsureSuccessStatusCode();
        using var request = new HttpRequestMessage(HttpMethod.Get, $"/runs/{id}");
        request.Headers.Add("Prefer", "wait=60");
        var answer = await Http.SendAsync(request);
        var run = await answer.Content.ReadFromJsonAsync<JsonElement>();
        var took = clock.Elapsed.TotalMilliseconds;
        var status = run.GetProperty("status").GetString();
        return status == "completed" ? took : throw new InvalidOperationException($"Run {id} is {status}.");
    }

    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited) await KillAsync();
        _process.Dispose();
        Http.Dispose();
    }

    public override string ToString() => _data;

    private double Status(string name)
    {
        var line = File.ReadLines($"/proc/{_process.Id}/status").First(l => l.StartsWith(name + ":", StringComparison.Ordinal));
        return double.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[^2], CultureInfo.InvariantCulture) / 1024;
    }
}
