using QuantaPilot.Core.Ports;
using QuantaPilot.Core.Runs;
using QuantaPilot.Integrations.GitHub;
using QuantaPilot.Testing.GitHub;

namespace QuantaPilot.Integrations.Tests.GitHub;

#pragma warning disable CA1001 // xunit disposes through IAsyncLifetime.
public sealed class GitHubAppTests : IAsyncLifetime
#pragma warning restore CA1001
{
    private GitHubFixture _hub = null!;
    private IForge _forge = null!;

    public async Task InitializeAsync()
    {
        _hub = await GitHubFixture.StartAsync();
        _forge = _hub.NewForge(_hub.AppHost);
    }

    public async Task DisposeAsync() => await _hub.DisposeAsync();

    [Fact]
    public async Task Forge_AsApp_WorksWithOneTokenForGitAndTheApi()
    {
        var head = await _hub.PushAsync("a.md", "a", _forge);
        var opened = await _hub.OpenAsync(forge: _forge);
        var merged = await _forge.MergeAsync(_hub.Url, opened.Number, head, MergeMethod.Squash, default);
        Assert.Equal(_hub.Repository.Head("main"), merged.MergeSha);
        Assert.Equal(1, _hub.GitHub.App.TokensMade);
    }

    [Fact]
    public async Task Token_FiveMinutesBeforeItsEnd_IsRenewed()
    {
        await ResolveAsync();
        _hub.Time.Advance(TimeSpan.FromMinutes(54) + TimeSpan.FromSeconds(59));
        await ResolveAsync();
        Assert.Equal(1, _hub.GitHub.App.TokensMade);

        _hub.Time.Advance(TimeSpan.FromSeconds(1));
        await ResolveAsync();
        Assert.Equal(2, _hub.GitHub.App.TokensMade);
    }

    [Fact]
    public async Task Token_WantedByManyAtOnce_IsMadeOnce()
    {
        await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => ResolveAsync()));
        Assert.Equal(1, _hub.GitHub.App.TokensMade);
        Assert.Equal(2, _hub.GitHub.Requests.Count);
    }

    [Fact]
    public async Task Token_WhoeverMadeItGivesUp_IsMadeByTheNext()
    {
        using var cancel = new CancellationTokenSource();
        var reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _hub.GitHub.Intercept = async context =>
        {
            if (!reached.TrySetResult()) return false;
            await Task.Delay(Timeout.Infinite, context.RequestAborted).ContinueWith(_ => { }, TaskScheduler.Default);
            return true;
        };
        var first = _forge.ResolveAsync(_hub.Url, "main", cancel.Token);
        await reached.Task;
        var second = ResolveAsync();
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);
        Assert.Equal(_hub.Repository.Head("main"), await second);
    }

    [Fact]
    public async Task Token_RefusedBeforeItsTime_IsReplacedOnce()
    {
        await _hub.PushAsync("a.md", "a", _forge);
        _hub.GitHub.App.RevokeTokens();
        var opened = await Record.ExceptionAsync(() => _forge.GetChecksAsync(_hub.Url, 1, new string('a', 40), default));
        // There is no pull request 1, which the second token found out.
        Assert.Equal(ErrorCodes.RepositoryNotFound, Assert.IsType<StepException>(opened).Code);
        Assert.Equal(2, _hub.GitHub.App.TokensMade);
    }

    [Fact]
    public async Task Token_RefusedByGitBeforeItsTime_IsReplacedByTheNextTry()
    {
        await ResolveAsync();
        _hub.GitHub.App.RevokeTokens();
        var fault = await Assert.ThrowsAsync<StepException>(ResolveAsync);
        Assert.Equal((ErrorCodes.AuthenticationFailed, true), (fault.Code, fault.IsTransient));
        Assert.Equal(_hub.Repository.Head("main"), await ResolveAsync());
    }

    [Fact]
    public async Task Token_AppNotInstalled_NamesTheApp()
    {
        _hub.Repository.IsAppInstalled = false;
        var fault = await Assert.ThrowsAsync<StepException>(ResolveAsync);
        Assert.Equal((ErrorCodes.RepositoryNotFound, false), (fault.Code, fault.IsTransient));
        Assert.Contains($"the GitHub App {FakeGitHubApp.Id} of the host's settings is not", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Token_AnotherKey_IsRefused()
    {
        using var other = System.Security.Cryptography.RSA.Create(2048);
        var forge = _hub.NewForge(new GitHubHost
        {
            Host = _hub.GitHub.Host,
            ApiUrl = new Uri(_hub.GitHub.ApiUrl),
            AppId = FakeGitHubApp.Id,
            PrivateKey = other.ExportPkcs8PrivateKeyPem(),
        });
        var fault = await Assert.ThrowsAsync<StepException>(() => forge.ResolveAsync(_hub.Url, "main", default));
        Assert.Equal(ErrorCodes.AuthenticationFailed, fault.Code);
        Assert.Contains("could not be decoded", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Token_RateLimited_IsForLater()
    {
        _hub.GitHub.Intercept = context =>
            PullRequestTests.Refuse(context, 403, "You have exceeded a secondary rate limit.", ("Retry-After", "30"));
        var fault = await Assert.ThrowsAsync<StepException>(ResolveAsync);
        Assert.Equal((true, TimeSpan.FromSeconds(30)), (fault.IsTransient, fault.RetryAfter));
    }

    [Fact]
    public void Jwt_ClockAheadByFiftySeconds_IsStillTaken()
    {
        var jwt = new AppJwt("1", _hub.GitHub.App.PrivateKey, _hub.Time).Create();
        var claims = System.Text.Json.JsonElement.Parse(System.Buffers.Text.Base64Url.DecodeFromChars(jwt.Split('.')[1]));
        var now = _hub.Time.GetUtcNow().ToUnixTimeSeconds();
        Assert.Equal((now - 60, now + 540), (claims.GetProperty("iat").GetInt64(), claims.GetProperty("exp").GetInt64()));
    }

    private Task<string> ResolveAsync() => _forge.ResolveAsync(_hub.Url, "main", default);
}
