using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using QuantaPilot.Testing.Watching;

namespace QuantaPilot.Testing;

/// <summary>
/// <c>qp serve</c> as a process of its own, which can be killed and started again over the same data. The test project refers
/// to QuantaPilot.Cli, so that the program lies beside it.
/// </summary>
public sealed class ServerProcess : IAsyncDisposable
{
    private static readonly string Program = Path.Combine(AppContext.BaseDirectory, "qp.dll");

    private readonly string _data;
    private readonly string[] _options;
    private readonly StringBuilder _log = new();
    private Process? _process;

    public ServerProcess(string data, params string[] options)
    {
        _data = data;
        _options = options;
        Url = new Uri($"http://127.0.0.1:{FreePort()}");
    }

    public Uri Url { get; }

    /// <summary>What its environment holds besides that of the tests.</summary>
    public Dictionary<string, string> Variables { get; } = [];

    /// <summary>A token that its answers let leak at <see cref="WatchedProcesses.ProbePath"/>.</summary>
    public LeakProbe? Probe { get; init; }

    /// <summary>Everything that the servers over this data have written.</summary>
    public string Log
    {
        get
        {
            lock (_log) return _log.ToString();
        }
    }

    public string ReadToken() => File.ReadAllText(Path.Combine(_data, "admin.token")).Trim();

    /// <summary>Starts the process without waiting for it.</summary>
    public void Start()
    {
        var start = new ProcessStartInfo("dotnet")
        {
            RedirectStandardError = true,
            RedirectStandardOutput = true,
            RedirectStandardInput = true,
        };
        string[] arguments = [Program, "serve", "--url", Url.ToString().TrimEnd('/'), "--data", _data, .. _options];
        foreach (var argument in arguments) start.ArgumentList.Add(argument);
        foreach (var (name, value) in Variables) start.Environment[name] = value;
        WatchedProcesses.Watch(start, Probe);
        _process = new Process { StartInfo = start };
        _process.OutputDataReceived += (_, line) => Append(line.Data);
        _process.ErrorDataReceived += (_, line) => Append(line.Data);
        _process.Start();
        _process.BeginErrorReadLine();
        _process.BeginOutputReadLine();
    }

    public async Task<QpClient> StartAndWaitAsync()
    {
        Start();
        using var http = new HttpClient { BaseAddress = Url };
        var deadline = DateTime.UtcNow.AddSeconds(60);
        while (true)
        {
            Assert.False(_process!.HasExited, $"The server ended:\n{Log}");
            Assert.True(DateTime.UtcNow < deadline, $"The server did not get ready:\n{Log}");
            try
            {
                if ((await http.GetAsync(new Uri("/readyz", UriKind.Relative))).IsSuccessStatusCode) break;
            }
            catch (HttpRequestException)
            {
                // Not listening yet: another process offers nothing to await but the next attempt.
            }
            await Task.Delay(20);
        }
        return new QpClient(Url, ReadToken());
    }

    /// <summary>SIGKILL: the process gets no chance to tidy up.</summary>
    public async Task KillAsync()
    {
        if (_process is null) return;
        _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
        _process = null;
    }

    public async ValueTask DisposeAsync() => await KillAsync();

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private void Append(string? line)
    {
        Leaks.CheckLog(line);
        lock (_log) _log.AppendLine(line);
    }
}
