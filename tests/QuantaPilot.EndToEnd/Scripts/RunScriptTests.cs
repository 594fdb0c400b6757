namespace QuantaPilot.EndToEnd.Scripts;

/// <summary>The examples that lead a run through its whole life, as they are, against a real server over real repositories.</summary>
public sealed class RunScriptTests(RunScriptTests.Server server) : IClassFixture<RunScriptTests.Server>
{
    [ProgramsFact("curl", "jq")]
    public async Task Curl_Approving_LeadsTheRunToItsEnd() => await AssertCompletesAsync("curl-approve", Curl, "DECISION", "approve");

    [ProgramsFact("curl", "jq")]
    public async Task Curl_Rejecting_EndsTheRunWithTheReason()
    {
        var (exit, output) = await RunAsync(Curl, server.Repository("curl-reject").Url, ("DECISION", "reject"), ("REASON", "too thin"));

        Assert.True(exit == 3, output);
        Assert.Contains("gate_rejected: Gate anchor was rejected: too thin", output, StringComparison.Ordinal);
    }

    [ProgramsFact("curl", "jq")]
    public async Task Curl_WithTheSameKey_FindsTheRunThatItHasStarted()
    {
        var repository = server.Repository("curl-again");
        var (_, first) = await RunAsync(Curl, repository.Url, ("DECISION", "approve"), ("KEY", "nightly-1"));

        var (exit, second) = await RunAsync(Curl, repository.Url, ("DECISION", "approve"), ("KEY", "nightly-1"));

        Assert.True(exit == 0, second);
        Assert.Equal(first.Split('\n')[0], second.Split('\n')[0]);
        SamplePipeline.AssertMergedOnce(repository);
    }

    [ProgramsFact("curl", "jq")]
    public async Task Curl_WithoutAToken_SaysHowItIsUsed()
    {
        var (exit, output) = await RunAsync(Curl, "https://example.com/o/p", ("TOKEN", ""));

        Assert.Equal(2, exit);
        Assert.StartsWith("Usage: QP=", output, StringComparison.Ordinal);
    }

    [ProgramsFact("curl", "jq")]
    public async Task Curl_WithAWrongToken_ShowsTheProblem() => await AssertRefusedAsync(Curl);

    [PowerShellFact]
    public async Task PowerShell_Approving_LeadsTheRunToItsEnd() =>
        await AssertCompletesAsync("pwsh-approve", [.. PowerShell, "-Decision", "approve"], "DECISION", "");

    [PowerShellFact]
    public async Task PowerShell_Rejecting_EndsTheRunWithTheReason()
    {
        string[] script = [.. PowerShell, "-Decision", "reject", "-Reason", "too thin"];

        var (exit, output) = await RunAsync(script, server.Repository("pwsh-reject").Url);

        Assert.True(exit == 3, output);
        Assert.Contains("gate_rejected: Gate anchor was rejected: too thin", output, StringComparison.Ordinal);
    }

    [PowerShellFact]
    public async Task PowerShell_WithAWrongToken_ShowsTheProblem() => await AssertRefusedAsync(PowerShell);

    [ProgramsFact("node")]
    public async Task N8n_Approving_LeadsTheRunToItsEnd()
    {
        var repository = server.Repository("n8n-approve");

        var (exit, output) = await RunWorkflowAsync(repository, """[{"Decision":"Approve","Reason":"reads well"}]""");

        Assert.True(exit == 0, output);
        Assert.Equal(3, output.Split("Decide 200").Length - 1);
        Assert.Contains("\"status\":\"completed\"", output, StringComparison.Ordinal);
        SamplePipeline.AssertMergedOnce(repository);
    }

    [ProgramsFact("node")]
    public async Task N8n_AfterAnHourWithoutAnAnswer_LooksAgainAndAsksAgain()
    {
        var (exit, output) = await RunWorkflowAsync(
            server.Repository("n8n-late"), """[null,{"Decision":"Reject","Reason":"too thin"}]""");

        Assert.True(exit == 0, output);
        Assert.Contains("\"status\":\"failed\",\"error\":\"Gate anchor was rejected: too thin\"", output, StringComparison.Ordinal);
    }

    private static string[] Curl => ["bash", Programs.FileOf("scripts/curl/run.sh")];

    private static string[] PowerShell =>
        [.. Programs.PowerShell()!, "-NonInteractive", "-File", Programs.FileOf("scripts/powershell/run.ps1")];

    private async Task AssertCompletesAsync(string name, string[] script, string variable, string value)
    {
        var repository = server.Repository(name);

        var (exit, output) = await RunAsync(script, repository.Url, (variable, value));

        Assert.True(exit == 0, output);
        var lines = output.Split('\n');
        var live = lines.TakeWhile(line => line != "log:").ToList();
        var events = live.Where(line => char.IsAsciiDigit(line.FirstOrDefault()));
        Assert.Equal(SamplePipeline.Events, events.Select(line => line.Split(' ')[1]));
        var gates = live.Where(line => line.StartsWith("gate ", StringComparison.Ordinal));
        Assert.Equal(SamplePipeline.Gates, gates.Select(line => line["gate ".Length..].Split(": ")[0]));
        Assert.Equal(3, live.Count(line => line.Trim() == "applied"));
        var log = lines.Skip(live.Count).Where(line => line.Contains(" quantapilot.", StringComparison.Ordinal));
        Assert.Equal(SamplePipeline.Events.Length, log.Count());
        Assert.DoesNotContain(server.Token, output, StringComparison.Ordinal);
        SamplePipeline.AssertMergedOnce(repository);
    }

    private async Task AssertRefusedAsync(string[] script)
    {
        var (exit, output) = await RunAsync(script, "https://example.com/o/p", ("TOKEN", $"qp_{new string('A', 43)}"));

        Assert.Equal(1, exit);
        Assert.Contains("\"error_code\":\"unauthenticated\"", output, StringComparison.Ordinal);
    }

    private Task<(int Exit, string Output)> RunWorkflowAsync(GitRepository repository, string answers)
    {
        var form = System.Text.Json.JsonSerializer.Serialize(new { Repository = repository.Url, Branch = "main" });
        var runner = Programs.FileOf("tests/QuantaPilot.EndToEnd/Scripts/n8n.mjs");
        return RunToEndAsync(["node", runner, Programs.FileOf("scripts/n8n/gated-run.json"), form, answers], []);
    }

    private Task<(int Exit, string Output)> RunAsync(string[] script, string repository, params (string Name, string Value)[] variables) =>
        RunToEndAsync([.. script, repository, "main"], variables);

    private async Task<(int Exit, string Output)> RunToEndAsync(string[] command, (string Name, string Value)[] variables)
    {
        var environment = new Dictionary<string, string> { ["QP"] = $"{server.Url}", ["TOKEN"] = server.Token, ["NO_COLOR"] = "1" };
        foreach (var (name, value) in variables) environment[name] = value;
        // From within the clone, where the manifest of the tools is.
        using var process = QpProcess.StartProgram(Programs.FileOf("tests"), environment, command);
        return (await process.ExitAsync(), process.Output.ReplaceLineEndings("\n"));
    }

    /// <summary>One server for all of them.</summary>
#pragma warning disable CA1001 // xunit disposes of it through IAsyncLifetime.
    public sealed class Server : IAsyncLifetime
#pragma warning restore CA1001
    {
        private readonly TempDirectory _directory = new();
        private readonly ServerProcess _server;

        public Server() => _server = new ServerProcess(
            _directory.Combine("data"), "--allow", "file://*", "--allow-commands", "file://*", "--allow-webhooks", "127.0.0.1");

        public Uri Url => _server.Url;

        public string Token => _server.ReadToken();

        public async Task InitializeAsync() => (await _server.StartAndWaitAsync()).Dispose();

        public GitRepository Repository(string name) => SamplePipeline.Create(_directory, name);

        public async Task DisposeAsync()
        {
            await _server.DisposeAsync();
            _directory.Dispose();
        }
    }
}
