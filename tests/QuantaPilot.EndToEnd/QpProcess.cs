using System.Diagnostics;
using System.Text;
using System.Text.RegularExpressions;
using QuantaPilot.Testing.Watching;

namespace QuantaPilot.EndToEnd;

/// <summary>A command line of <c>qp</c> in a process of its own, with or without a terminal, as a person starts it.</summary>
internal sealed partial class QpProcess : IDisposable
{
    /// <summary>Only a hang is ever as long.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private static readonly string Program = Path.Combine(AppContext.BaseDirectory, "qp.dll");

    private readonly Process _process;
    private readonly StringBuilder _output = new();
    private readonly Task _reading;
    private TaskCompletionSource _more = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private readonly string _command;

    private QpProcess(string directory, IEnumerable<string> command, IReadOnlyDictionary<string, string>? environment = null)
    {
        string[] whole = [.. WithInterrupts(), .. command];
        _command = string.Join(' ', whole).Replace("'", "", StringComparison.Ordinal);
        var start = new ProcessStartInfo(whole[0], whole[1..])
        {
            WorkingDirectory = directory,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["TERM"] = "xterm";
        start.Environment.Remove("NO_COLOR");
        start.Environment.Remove("QP_SERVER");
        foreach (var (name, value) in environment ?? new Dictionary<string, string>()) start.Environment[name] = value;
        // Other programs are no hosts of ours, and may be of another .NET.
        if (environment is null) WatchedProcesses.Watch(start);
        _process = Process.Start(start)!;
        _reading = Task.WhenAll(ReadAsync(_process.StandardOutput), ReadAsync(_process.StandardError));
    }

    /// <summary>What it has written so far, to both streams.</summary>
    public string Output
    {
        get
        {
            lock (_output) return _output.ToString();
        }
    }

    /// <summary>The command that it suggests for going on, to be started as it is.</summary>
    public string Suggestion => Suggested().Match(Output).Groups[1].Value.Trim();

    /// <summary>The run that it has started.</summary>
    public string RunId => Started().Match(Output).Groups[1].Value;

    /// <summary>Starts it without a terminal.</summary>
    public static QpProcess Start(string directory, params string[] arguments) => new(directory, ["dotnet", Program, .. arguments]);

    /// <summary>Starts another program, with variables added to its environment.</summary>
    public static QpProcess StartProgram(string directory, IReadOnlyDictionary<string, string> environment, params string[] command) =>
        new(directory, command, environment);

    /// <summary>Has a shell start a command line without a terminal.</summary>
    public static QpProcess StartLine(string directory, string line) => new(directory, ["bash", "-c", "exec " + line]);

    /// <summary>Has a shell start a command line in a terminal of its own (by script, of util-linux).</summary>
    public static QpProcess StartInTerminal(string directory, string line) =>
        new(directory, ["script", "--quiet", "--return", "--flush", "--command", "exec " + line, "/dev/null"]);

    /// <summary>A command line that starts qp.</summary>
    public static string Line(params string[] arguments) =>
        string.Join(' ', new[] { "dotnet", Program }.Concat(arguments).Select(word => $"'{word}'"));

    /// <summary>Runs it to its end.</summary>
    public static async Task<(int Exit, string Output)> RunAsync(string directory, params string[] arguments)
    {
        using var process = Start(directory, arguments);
        return (await process.ExitAsync(), process.Output);
    }

    /// <summary>Completes when it has written a text so many times.</summary>
    public async Task WaitForAsync(string text, int times = 1)
    {
        using var patience = new CancellationTokenSource(Patience);
        while (true)
        {
            Task more;
            lock (_output)
            {
                if (_output.ToString().Split(text).Length > times) return;
                Assert.False(_reading.IsCompleted || patience.IsCancellationRequested, $"No '{text}' ({times}) in:\n{_output}");
                more = _more.Task;
            }
            await Task.WhenAny(more, _reading, Task.Delay(Timeout.Infinite, patience.Token));
        }
    }

    /// <summary>Types into its terminal.</summary>
    public void Type(string keys)
    {
        _process.StandardInput.Write(keys);
        _process.StandardInput.Flush();
    }

    /// <summary>SIGINT, as from Ctrl+C.</summary>
    public async Task InterruptAsync()
    {
        using var kill = Process.Start("bash", ["-c", $"kill -INT {_process.Id}"]);
        await kill.WaitForExitAsync();
        Assert.Equal(0, kill.ExitCode);
    }

    /// <summary>Its exit code, once all of its output is there.</summary>
    public async Task<int> ExitAsync()
    {
        await Task.WhenAll(_process.WaitForExitAsync(), _reading).WaitAsync(Patience);
        return _process.ExitCode;
    }

    public void Dispose()
    {
        if (!_process.HasExited) _process.Kill(entireProcessTree: true);
        _process.Dispose();
        var words = _command.Split(Program + " ")[^1].Split(' ');
        Leaks.NotePrinted($"The output of {_command}", Output, Leaks.CommandGivesSecrets(words));
    }

    /// <summary>
    /// Shells start programs in the background with SIGINT ignored, and that is handed down: where the tests were started so,
    /// the process gets it back.
    /// </summary>
    private static string[] WithInterrupts()
    {
        var line = File.ReadLines("/proc/self/status").First(line => line.StartsWith("SigIgn:", StringComparison.Ordinal));
        var ignored = Convert.ToUInt64(line["SigIgn:".Length..].Trim(), 16);
        const int interrupt = 2;
        return (ignored & (1UL << (interrupt - 1))) == 0 ? [] : ["env", "--default-signal=INT"];
    }

    private async Task ReadAsync(StreamReader reader)
    {
        var buffer = new char[4096];
        for (int count; (count = await reader.ReadAsync(buffer)) > 0;)
        {
            lock (_output)
            {
                _output.Append(buffer, 0, count);
                _more.SetResult();
                _more = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            }
        }
    }

    [GeneratedRegex("Go on with: ([^\r\n]+)")]
    private static partial Regex Suggested();

    [GeneratedRegex(@"run (?:\x1b\[[0-9;]*m)*([0-9a-f]{32})")]
    private static partial Regex Started();
}
