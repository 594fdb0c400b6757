using System.Text;
using QuantaPilot.Testing.Watching;

namespace QuantaPilot.EndToEnd;

/// <summary>
/// Secrets and personal data come in by commits, programs, files and reasons, to a real server and real command lines; none of it is in
/// what either writes. What the server answers is looked through with that of all other tests here.
/// </summary>
public sealed class SecrecyTests : IDisposable
{
    private readonly TempDirectory _directory = new();
    private readonly StringBuilder _written = new();

    private string Data => _directory.Combine("data");

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task Secret_ThatAProcessAnswersLogsOrPrints_WouldBeFound()
    {
        var probe = Leaks.Probe();
        await using var server = new ServerProcess(Data) { Probe = probe };
        (await server.StartAndWaitAsync()).Dispose();
        using var http = new HttpClient { BaseAddress = server.Url };

        Assert.Equal(probe.Token, await http.GetStringAsync(new Uri(WatchedProcesses.ProbePath, UriKind.Relative)));
        using (var printer = QpProcess.StartLine(_directory.Path, $"echo {probe.Token}")) Assert.Equal(0, await printer.ExitAsync());
        // Killed, as most servers here are.
        await server.KillAsync();

        var found = probe.Found.Select(fault => fault.Split(" holds ")[0]).ToHashSet();
        Assert.Contains("A log line", found);
        Assert.Contains($"The answer to GET {WatchedProcesses.ProbePath}", found);
        Assert.Contains(found, where => where.Contains("echo", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Secrets_WhereverTheyComeIn_AreInNothingThatIsWritten()
    {
        await using var server = new ServerProcess(Data, "--allow", "file://*", "--allow-commands", "file://*");
        server.Variables["QP_CHAT"] = "default=http://127.0.0.1:1/v1,model=none";
        server.Variables["QP_CHAT_KEY_DEFAULT"] = Planted.ApiToken;
        using (var client = await server.StartAndWaitAsync())
        {
            var done = await LeadAsync(Repository("done", "exit 0"), 0, ("anchor", true), ("milestone:M-001", true));
            await LeadAsync(Repository("rejected", "exit 0"), 3, ("anchor", false));
            await LeadAsync(Repository("failed", "cat secrets.txt >&2; exit 1"), 1, ("anchor", true));
            string[] lines = [$"status {done}", $"events {done}", $"logs {done}", "list", "audit", "audit --json", "token list", "gates"];
            foreach (var line in lines) await QpAsync(line.Split(' '));
        }
        // The one answer that gives a token gives nothing else.
        var (exit, token) = await QpProcess.RunAsync(_directory.Path, "token", "create", "ci", "--role", "operator", "--data", Data);
        Assert.True(exit == 0, token);
        _written.Append(token);

        await server.KillAsync();
        Planted.AssertAbsent("what qp wrote", Encoding.UTF8.GetBytes($"{_written}"), server.ReadToken());
        Planted.AssertAbsent("the server's log", Encoding.UTF8.GetBytes(server.Log), server.ReadToken());
        // What was planted did come in.
        Assert.True($"{_written}".Split("[redacted]").Length > 10, $"{_written}");
        Assert.NotEmpty(server.Log);
    }

    private GitRepository Repository(string name, string check)
    {
        var repository = new GitRepository(_directory, name);
        repository.Commit(
            "main",
            ("README.md", $"# Sample\n\nWritten by {Planted.Address}.\n"),
            ("quantapilot.yml", Planted.Pipeline),
            ("secrets.txt", Planted.Text),
            ("tools/agent.sh", "cat secrets.txt; cat secrets.txt >&2; echo done > done.txt"),
            ("check.sh", check));
        return repository;
    }

    /// <summary>Has one command line follow a run, and others decide; gives the run.</summary>
    private async Task<string> LeadAsync(GitRepository repository, int exit, params (string Gate, bool Approved)[] decisions)
    {
        using var run = QpProcess.Start(_directory.Path, "run", "--repo", repository.Bare, "--branch", "main", "--data", Data);
        for (var i = 0; i < decisions.Length; i++)
        {
            await run.WaitForAsync("gate_requested", i + 1);
            var (gate, approved) = decisions[i];
            await QpAsync(approved ? "approve" : "reject", run.RunId, gate, "--reason", Planted.Text);
        }
        Assert.True(await run.ExitAsync() == exit, run.Output);
        _written.Append(run.Output);
        return run.RunId;
    }

    private async Task QpAsync(params string[] arguments)
    {
        var (exit, output) = await QpProcess.RunAsync(_directory.Path, [.. arguments, "--data", Data]);
        Assert.True(exit == 0, output);
        _written.Append(output);
    }
}
