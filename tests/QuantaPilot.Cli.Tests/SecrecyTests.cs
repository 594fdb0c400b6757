using System.Text;
using QuantaPilot.Cli.CommandLine;
using QuantaPilot.Core.Contracts;
using QuantaPilot.Core.Runs;

namespace QuantaPilot.Cli.Tests;

/// <summary>What is typed, and what variables and files hold, is not repeated if it is a secret: output ends in others' logs.</summary>
public sealed class SecrecyTests : IAsyncLifetime, IDisposable
{
    private const string Run = "019aaaaaaaaa70008000000000000001";
    private const string Closed = "http://someone:Pl4ntedPassword@127.0.0.1:1";

    private readonly CliRunner _cli = new();
    private FakeApi _api = null!;

    public async Task InitializeAsync() => _api = await FakeApi.StartAsync();

    public async Task DisposeAsync() => await _api.DisposeAsync();

    public void Dispose() => _cli.Dispose();

    [Fact]
    public async Task Output_WithASecretInIt_WouldBeFound()
    {
        var probe = Leaks.Probe();
        _api.Add(new FakeRun(Run, branch: probe.Token));

        await _cli.RunAsync(_api, "status", Run);
        Leaks.NotePrinted("A narrow terminal", $"branch {probe.Token[..20]}\r\n\u001b[1m{probe.Token[20..]}\u001b[0m");

        Assert.Contains(probe.Found, fault => fault.StartsWith($"The output of qp status {Run} holds", StringComparison.Ordinal));
        Assert.Contains(probe.Found, fault => fault.StartsWith("A narrow terminal holds", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("status", Run, "--server", Closed)]
    [InlineData("status", Run, "--server", Closed, "--token", "x")]
    [InlineData("run", "--repo", "https://example.com/o/p", "--branch", "main", "--server", Closed)]
    [InlineData("list", "--server", "ftp://someone:Pl4ntedPassword@example.com")]
    [InlineData("list", "--server", "http://someone:Pl4ntedPassword@127.0.0.1:1", "--token", Planted.ApiToken)]
    [InlineData("init", "--repo", Planted.Url, "nowhere")]
    [InlineData("serve", "--url", "https://someone:Pl4ntedPassword@127.0.0.1:1")]
    [InlineData("serve", "--agent", "https://someone:Pl4ntedPassword@farm.example.com/tasks")]
    [InlineData("serve", "--event-grid", "https://someone:Pl4ntedPassword@topic.example.com/api/events")]
    [InlineData("serve", "--chat", "https://someone:Pl4ntedPassword@model.example.com/v1")]
    [InlineData("serve", "--github", "example.com=ftp://someone:Pl4ntedPassword@example.com/api")]
    [InlineData("serve", "--entra-authority", "ftp://someone:Pl4ntedPassword@example.com", "--entra-audience", "x")]
    [InlineData("audit", "--run", Planted.ApiToken)]
    [InlineData("token", "create", "ci", "--role", "operator", "--expires", Planted.GitHubToken)]
    [InlineData(Planted.ApiToken)]
    [InlineData("list", "--token", Planted.ApiToken, "--nonsense")]
    public async Task Fault_InWhatWasTyped_IsNamedWithoutTheSecretInIt(params string[] commandLine)
    {
        Assert.NotEqual(ExitCodes.Done, await _cli.RunAsync(commandLine));

        Assert.NotEmpty(_cli.Error.Output);
        AssertSilent();
    }

    [Fact]
    public async Task Secrets_OfTheEnvironment_AreNotRepeated()
    {
        _cli.Variables["QP_SERVER"] = _api.Url.AbsoluteUri;
        _cli.Variables["QP_TOKEN"] = Planted.ApiToken;
        _cli.Variables["QP_CHAT"] = Planted.Url;
        _cli.Variables["QP_GITHUB_TOKEN"] = Planted.GitHubToken + " and more";

        Assert.Equal(ExitCodes.Failed, await _cli.RunAsync("list"));
        Assert.Equal(ExitCodes.WrongUse, await _cli.RunAsync("serve", "--data", "here"));
        _cli.Variables["QP_GITHUB_TOKEN"] = "";
        Assert.Equal(ExitCodes.WrongUse, await _cli.RunAsync("serve", "--data", "here"));

        AssertSilent();
    }

    [Theory]
    [InlineData("approve", Run, "anchor", "--reason", Planted.Text)]
    [InlineData("reject", Run, "anchor", "--reason", Planted.Text)]
    [InlineData("pause", Run, "--reason", Planted.Text)]
    [InlineData("cancel", Run, "--reason", Planted.Text)]
    public async Task Reason_WithSecrets_IsSentAndNotRepeated(params string[] commandLine)
    {
        _api.Add(new FakeRun(Run).Started().AtGate());

        await _cli.RunAsync(_api, commandLine);

        Assert.Contains("Pl4ntedPassword", _api.Bodies.Single(), StringComparison.Ordinal);
        AssertSilent();
    }

    [Fact]
    public async Task Validate_FileWithSecrets_NamesItsFaultsWithoutThem()
    {
        var file = Path.Combine(_cli.WorkingDirectory, "quantapilot.yml");
        string[] lines = [$"version: {Planted.ApiToken}", "merge: password=Pl4ntedSql", $"{Planted.GitHubToken}: {Planted.Address}"];
        await File.WriteAllLinesAsync(file, lines);

        Assert.NotEqual(ExitCodes.Done, await _cli.RunAsync("validate", file));
        Assert.NotEqual(ExitCodes.Done, await _cli.RunAsync("validate", file, "--json"));

        AssertSilent();
    }

    [Fact]
    public async Task Run_RepositoryWithAPassword_IsRefusedWithoutIt()
    {
        var problem = new Problem("about:blank", "Invalid", 400, "No credentials, please.", ErrorCodes.InvalidRequest, "req-400");
        _api.Refuse = _ => problem;

        Assert.Equal(ExitCodes.Failed, await _cli.RunAsync(_api, "run", "--repo", Planted.Url, "--branch", "main"));

        AssertSilent();
    }

    [Fact]
    public async Task Status_OfATokenInPlaceOfARun_IsRefusedWithoutIt()
    {
        Assert.Equal(ExitCodes.WrongUse, await _cli.RunAsync(_api, "status", Planted.ApiToken));

        Assert.Contains("'[redacted]' is not a run id", _cli.Error.Output, StringComparison.Ordinal);
        AssertSilent();
    }

    private void AssertSilent() =>
        Planted.AssertAbsent("the output", Encoding.UTF8.GetBytes((_cli.Out.Output + _cli.Error.Output).ReplaceLineEndings("")));
}
