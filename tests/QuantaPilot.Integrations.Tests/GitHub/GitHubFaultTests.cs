using System.Globalization;
using Microsoft.AspNetCore.Http;
using QuantaPilot.Core.Ports;
using QuantaPilot.Core.Runs;
using QuantaPilot.Integrations.GitHub;
using QuantaPilot.Testing.GitHub;

namespace QuantaPilot.Integrations.Tests.GitHub;

#pragma warning disable CA1001 // xunit disposes through IAsyncLifetime.
public sealed class GitHubFaultTests : IAsyncLifetime
#pragma warning restore CA1001
{
    private GitHubFixture _hub = null!;

    public async Task InitializeAsync() => _hub = await GitHubFixture.StartAsync();

    public async Task DisposeAsync() => await _hub.DisposeAsync();

    [Theory]
    [InlineData(401, ErrorCodes.AuthenticationFailed, false, "did not accept the credentials")]
    [InlineData(403, ErrorCodes.AuthenticationFailed, false, "Pull requests: read and write")]
    [InlineData(404, ErrorCodes.RepositoryNotFound, false, "Pull requests: read and write")]
    [InlineData(410, ErrorCodes.RepositoryNotFound, false, "is not there")]
    [InlineData(451, ErrorCodes.RepositoryNotFound, false, "is not there")]
    [InlineData(422, ErrorCodes.PullRequestRefused, false, "some words of GitHub's")]
    [InlineData(500, ErrorCodes.RepositoryUnreachable, true, "HTTP 500")]
    [InlineData(502, ErrorCodes.RepositoryUnreachable, true, "HTTP 502")]
    [InlineData(503, ErrorCodes.RepositoryUnreachable, true, "HTTP 503")]
    public async Task Request_Refused_SaysWhyAndWhetherARetryHelps(int status, string code, bool transient, string words)
    {
        await _hub.PushAsync("a.md", "a");
        Refuse(status, "some words of GitHub's");
        var fault = await FaultAsync();
        Assert.Equal((code, transient), (fault.Code, fault.IsTransient));
        Assert.Contains(words, fault.Message, StringComparison.Ordinal);
        Assert.Contains(_hub.GitHub.Host, fault.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(FakeGitHub.Token, fault.ToString(), StringComparison.Ordinal);
        Assert.Null(fault.RetryAfter);
    }

    [Theory]
    [InlineData("X-Accepted-GitHub-Permissions", "pull_requests=write", "the permission pull_requests=write")]
    [InlineData("X-Accepted-OAuth-Scopes", "repo", "one of the scopes repo")]
    [InlineData("X-GitHub-SSO", "required; url=https://example.com", "single sign-on")]
    public async Task Request_WithoutThePermission_NamesIt(string header, string value, string words)
    {
        await _hub.PushAsync("a.md", "a");
        Refuse(403, "Resource not accessible by personal access token", (header, value));
        var fault = await FaultAsync();
        Assert.Equal((ErrorCodes.AuthenticationFailed, false), (fault.Code, fault.IsTransient));
        Assert.Contains(words, fault.Message, StringComparison.Ordinal);
        Assert.Contains("Resource not accessible", fault.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(403)]
    [InlineData(429)]
    public async Task Request_OverThePrimaryLimit_IsForWhenItIsReset(int status)
    {
        await _hub.PushAsync("a.md", "a");
        var reset = _hub.Time.GetUtcNow().AddMinutes(17).ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        Refuse(status, "API rate limit exceeded for user ID 1.", ("X-RateLimit-Remaining", "0"), ("X-RateLimit-Reset", reset));
        var fault = await FaultAsync();
        Assert.Equal((ErrorCodes.RepositoryUnreachable, true, TimeSpan.FromMinutes(17)), (fault.Code, fault.IsTransient, fault.RetryAfter));
        Assert.Contains("rate limit", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Request_LimitResetInThePast_IsForASecondLater()
    {
        await _hub.PushAsync("a.md", "a");
        Refuse(403, "API rate limit exceeded", ("X-RateLimit-Remaining", "0"), ("X-RateLimit-Reset", "1000"));
        Assert.Equal(TimeSpan.FromSeconds(1), (await FaultAsync()).RetryAfter);
    }

    [Theory]
    [InlineData(403, "90", 90)]
    [InlineData(429, "90", 90)]
    [InlineData(403, null, 60)]
    [InlineData(429, null, 60)]
    public async Task Request_OverASecondaryLimit_IsForAsLongAsGitHubAsks(int status, string? retryAfter, int seconds)
    {
        await _hub.PushAsync("a.md", "a");
        var headers = retryAfter is null ? [] : new[] { ("Retry-After", retryAfter) };
        Refuse(status, "You have exceeded a secondary rate limit. Please wait a few minutes before you try again.", headers);
        var fault = await FaultAsync();
        Assert.Equal((ErrorCodes.RepositoryUnreachable, true), (fault.Code, fault.IsTransient));
        Assert.Equal(TimeSpan.FromSeconds(seconds), fault.RetryAfter);
    }

    [Fact]
    public async Task Request_OverALimit_IsMadeOnce()
    {
        await _hub.PushAsync("a.md", "a");
        Refuse(403, "API rate limit exceeded", ("Retry-After", "1"));
        await FaultAsync();
        Assert.Single(_hub.GitHub.Requests);
    }

    [Theory]
    [InlineData("application/json", "{\"number\":")]
    [InlineData("application/json", "[[[[")]
    public async Task Request_AnswerThatIsNone_IsTriedAgainLater(string type, string body)
    {
        await _hub.PushAsync("a.md", "a");
        _hub.GitHub.Intercept = async context =>
        {
            context.Response.ContentType = type;
            await context.Response.WriteAsync(body);
            return true;
        };
        var fault = await FaultAsync();
        Assert.Equal((ErrorCodes.RepositoryUnreachable, true), (fault.Code, fault.IsTransient));
    }

    [Fact]
    public async Task Request_ConnectionLost_IsTriedAgainLater()
    {
        await _hub.PushAsync("a.md", "a");
        _hub.GitHub.LoseAnswer = _ => true;
        var fault = await FaultAsync();
        Assert.Equal((ErrorCodes.RepositoryUnreachable, true), (fault.Code, fault.IsTransient));
    }

    [Fact]
    public async Task Request_Cancelled_Ends()
    {
        await _hub.PushAsync("a.md", "a");
        using var cancel = new CancellationTokenSource();
        _hub.GitHub.Intercept = async context =>
        {
            await cancel.CancelAsync();
            await Task.Delay(Timeout.Infinite, context.RequestAborted).ContinueWith(_ => { }, TaskScheduler.Default);
            return true;
        };
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => _hub.Forge.GetChecksAsync(_hub.Url, 1, new string('a', 40), cancel.Token));
    }

    [Fact]
    public async Task Forge_RepositoryThatIsNotAllowed_IsRefusedBeforeAnyRequest()
    {
        var url = $"http://{_hub.GitHub.Host}/other/sample";
        var fault = await Assert.ThrowsAsync<StepException>(() => _hub.Forge.GetChecksAsync(url, 1, new string('a', 40), default));
        Assert.Equal(ErrorCodes.RepositoryNotAllowed, fault.Code);
        Assert.Empty(_hub.GitHub.Requests);
    }

    [Fact]
    public async Task Forge_HostWithoutSettings_IsAPlainGitRemote()
    {
        var forge = _hub.NewForge(new GitHubHost { Host = "github.com", Token = FakeGitHub.Token });
        var fault = await Assert.ThrowsAsync<StepException>(() => forge.ResolveAsync(_hub.Url, "main", default));
        Assert.Equal(ErrorCodes.AuthenticationFailed, fault.Code);
        Assert.Contains("have none for it", fault.Message, StringComparison.Ordinal);
        Assert.Equal(ForgeTraits.None, forge.GetTraits(_hub.Url));
    }

    [Fact]
    public async Task Forge_RepositoryThatWasRenamed_IsFollowed()
    {
        var head = await _hub.PushAsync("a.md", "a");
        await _hub.OpenAsync();
        _hub.GitHub.Intercept = context =>
        {
            var path = context.Request.Path.Value!;
            if (!path.Contains("/acme/former/", StringComparison.Ordinal)) return Task.FromResult(false);
            context.Response.Headers.Location =
                $"http://{_hub.GitHub.Host}{path.Replace("/former/", "/sample/", StringComparison.Ordinal)}{context.Request.QueryString}";
            context.Response.StatusCode = StatusCodes.Status307TemporaryRedirect;
            return Task.FromResult(true);
        };
        var former = $"http://{_hub.GitHub.Host}/acme/former";
        await _hub.Forge.CommentAsync(former, 1, "k", "one", default);
        Assert.Equal("<!-- quantapilot k -->\none", Assert.Single(_hub.Repository.PullRequest(1).Comments).Body);
        Assert.True((await _hub.Forge.MergeAsync(former, 1, head, MergeMethod.Squash, default)).Merged);
    }

    [Fact]
    public async Task Forge_WithTheSuffixOfGit_IsTheSameRepository()
    {
        var head = await _hub.PushAsync("a.md", "a");
        var opened = await _hub.OpenAsync(request => request with { RepoUrl = request.RepoUrl + ".git" });
        Assert.Equal((1, head), (opened.Number, opened.HeadSha));
        Assert.All(_hub.GitHub.Requests, request => Assert.Contains(" /repos/acme/sample/", request, StringComparison.Ordinal));
    }

    private void Refuse(int status, string message, params (string, string)[] headers) =>
        _hub.GitHub.Intercept = context => PullRequestTests.Refuse(context, status, message, headers);

    private Task<StepException> FaultAsync() => Assert.ThrowsAsync<StepException>(() => _hub.OpenAsync());
}
