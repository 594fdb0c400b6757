using QuantaPilot.Core.Ports;
using QuantaPilot.Core.Runs;
using QuantaPilot.Testing.GitHub;

namespace QuantaPilot.Integrations.Tests.GitHub;

#pragma warning disable CA1001 // xunit disposes through IAsyncLifetime.
public sealed class ChecksTests : IAsyncLifetime
#pragma warning restore CA1001
{
    private GitHubFixture _hub = null!;
    private string _head = "";

    public async Task InitializeAsync()
    {
        _hub = await GitHubFixture.StartAsync();
        _head = await _hub.PushAsync("a.md", "a");
        await _hub.OpenAsync();
    }

    public async Task DisposeAsync() => await _hub.DisposeAsync();

    [Fact]
    public void GetTraits_OnGitHub_HasChecksAndPages()
    {
        Assert.Equal(new ForgeTraits(HasChecks: true, HasPages: true), _hub.Forge.GetTraits(_hub.Url));
        Assert.Equal(ForgeTraits.None, _hub.Forge.GetTraits("http://127.0.0.1:1/acme/sample"));
        Assert.Equal(ForgeTraits.None, _hub.Forge.GetTraits($"http://{_hub.GitHub.Host}/acme/sample/more"));
    }

    [Fact]
    public async Task GetChecksAsync_NoneAtAll_IsNone() => Assert.Equal(CheckState.None, (await ReadAsync()).State);

    [Fact]
    public async Task GetChecksAsync_PendingUntilTheLastHasEnded()
    {
        Run("build", null);
        Status("lint", "pending");
        var report = await ReadAsync();
        Assert.Equal(CheckState.Pending, report.State);
        Assert.Equal(["build", "lint"], report.Pending);

        Run("build", "success");
        report = await ReadAsync();
        Assert.Equal((CheckState.Pending, "lint"), (report.State, Assert.Single(report.Pending)));

        Status("lint", "success");
        report = await ReadAsync();
        Assert.Equal(CheckState.Succeeded, report.State);
        Assert.Empty(report.Pending);
    }

    [Theory]
    [InlineData("success", CheckState.Succeeded)]
    [InlineData("neutral", CheckState.Succeeded)]
    [InlineData("skipped", CheckState.Succeeded)]
    [InlineData("failure", CheckState.Failed)]
    [InlineData("cancelled", CheckState.Failed)]
    [InlineData("timed_out", CheckState.Failed)]
    [InlineData("action_required", CheckState.Failed)]
    [InlineData("startup_failure", CheckState.Failed)]
    [InlineData("stale", CheckState.Failed)]
    public async Task GetChecksAsync_Conclusion_Counts(string conclusion, CheckState state)
    {
        Run("build", conclusion);
        Assert.Equal(state, (await ReadAsync()).State);
    }

    [Fact]
    public async Task GetChecksAsync_Failures_AreNamedWithWhatTheySay()
    {
        Run("build", "failure", "3 tests failed\u0007\r\nsee the log");
        Run("deploy", null);
        Status("lint", "error", "broke");
        var report = await ReadAsync();
        Assert.Equal(CheckState.Failed, report.State);
        Assert.Equal(["deploy"], report.Pending);
        Assert.Equal(
            [
                new FailedCheck("build", "3 tests failed\nsee the log", $"{_hub.Url}/runs/build"),
                new FailedCheck("lint", "broke", "https://ci.example.com/lint"),
            ],
            report.Failed);
    }

    [Fact]
    public async Task GetChecksAsync_LongSummary_IsBounded()
    {
        Run("build", "failure", new string('x', 60_000));
        Assert.Equal(2_001, Assert.Single((await ReadAsync()).Failed).Summary!.Length);
    }

    [Fact]
    public async Task GetChecksAsync_SomeRequired_OnlyTheseCount()
    {
        _hub.Repository.RequiredChecks.Add("build");
        _hub.Repository.RuleChecks.Add(("scan", 7));
        Run("build", "success");
        Run("optional", "failure");
        // Of another App than the one that must have run it.
        Run("scan", "success");

        var report = await ReadAsync();
        Assert.Equal((CheckState.Pending, "scan"), (report.State, Assert.Single(report.Pending)));

        _hub.Repository.SetCheck(_head, new FakeCheckRun("scan", "success", AppId: 7));
        report = await ReadAsync();
        Assert.Equal(CheckState.Succeeded, report.State);
        Assert.Empty(report.Failed);
    }

    [Fact]
    public async Task GetChecksAsync_RequiredThatHasNotBegun_IsPending()
    {
        _hub.Repository.RequiredChecks.AddRange(["test", "build"]);
        var report = await ReadAsync();
        Assert.Equal(CheckState.Pending, report.State);
        Assert.Equal(["build", "test"], report.Pending);
    }

    [Fact]
    public async Task GetChecksAsync_MoreThanAPage_ReadsThemAll()
    {
        for (var i = 0; i < 130; i++) Run($"run {i}", "success");
        for (var i = 0; i < 205; i++) Status($"status {i:D3}", "success");
        Status("status 204", "pending");
        Run("run 129", "failure");
        var report = await ReadAsync();
        Assert.Equal(("run 129", "status 204"), (Assert.Single(report.Failed).Name, Assert.Single(report.Pending)));
    }

    [Fact]
    public async Task GetChecksAsync_OfAnotherCommit_DoNotCount()
    {
        _hub.Repository.SetCheck(new string('a', 40), new FakeCheckRun("build", "failure"));
        Assert.Equal(CheckState.None, (await ReadAsync()).State);
    }

    [Fact]
    public async Task GetChecksAsync_ServerWithoutRulesets_UsesBranchProtection()
    {
        _hub.Repository.RequiredChecks.Add("build");
        _hub.GitHub.Intercept = context => context.Request.Path.Value!.Contains("/rules/", StringComparison.Ordinal)
            ? PullRequestTests.Refuse(context, 404, "Not Found")
            : Task.FromResult(false);
        Assert.Equal("build", Assert.Single((await ReadAsync()).Pending));
    }

    [Fact]
    public async Task GetChecksAsync_NoSuchPullRequest_SaysSo()
    {
        var fault = await Assert.ThrowsAsync<StepException>(() => _hub.Forge.GetChecksAsync(_hub.Url, 77, _head, default));
        Assert.Equal((ErrorCodes.RepositoryNotFound, false), (fault.Code, fault.IsTransient));
    }

    private void Run(string name, string? conclusion, string? summary = null) =>
        _hub.Repository.SetCheck(_head, new FakeCheckRun(name, conclusion, summary));

    private void Status(string context, string state, string? description = null) =>
        _hub.Repository.SetStatus(_head, new FakeStatus(context, state, description));

    private Task<CheckReport> ReadAsync() => _hub.Forge.GetChecksAsync(_hub.Url, 1, _head, default);
}
