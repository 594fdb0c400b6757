using System.Net;
using Microsoft.AspNetCore.Http;
using QuantaPilot.Api.Hooks;
using QuantaPilot.Api.Limits;
using QuantaPilot.Api.Tests.Support;
using QuantaPilot.Core.Contracts;
using QuantaPilot.Core.Runs;

namespace QuantaPilot.Api.Tests.Hooks;

/// <summary>Who is heard at <c>/hooks/github</c>.</summary>
public sealed class HookSignatureTests : IAsyncLifetime
{
    private const string Ping = """{"zen":"Keep it logically awesome.","hook_id":1}""";
    private ApiHost _host = null!;
    private HttpClient _client = null!;

    public async Task InitializeAsync()
    {
        _host = await ApiHost.StartAsync(
            new RateLimitOptions { FailedAuthenticationsPerMinute = 3 }, services => services.AddGitHubHooks(GitHubSender.Options));
        _client = _host.Anonymous();
    }

    public async Task DisposeAsync() => await _host.DisposeAsync();

    [Fact]
    public void Signature_OfTheExampleInGitHubsDocumentation_IsFound()
    {
        // docs.github.com, "Validating webhook deliveries", test values.
        var signature = GitHubSignature.Read("sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17");

        Assert.True(signature!.IsOf("Hello, World!"u8, ["It's a Secret to Everybody"]));
        Assert.False(signature.IsOf("Hello, World"u8, ["It's a Secret to Everybody"]));
    }

    [Theory]
    [InlineData(GitHubSender.Secret)]
    [InlineData(GitHubSender.FormerSecret)]
    public async Task Ping_SignedWithEitherSecret_IsAnswered(string secret)
    {
        using var answer = await _client.SendAsync(GitHubSender.Request("ping", Ping, secret));

        Assert.Equal(new HookAnswer(HookResult.Pong, 0), await answer.OkAsync(CoreJson.Default.HookAnswer));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("sha256=")]
    [InlineData("sha1=7d38cdd689735b008b3c702edd92eea23791c5f6")]
    [InlineData("sha256=zz7107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17")]
    [InlineData("sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17")]
    public async Task Request_NotSignedWithASecret_IsRefused(string? header)
    {
        var request = GitHubSender.Request("ping", Ping, secret: null);
        if (header is not null) request.Headers.Add("X-Hub-Signature-256", header);

        using var answer = await _client.SendAsync(request);

        await answer.ProblemAsync(HttpStatusCode.Unauthorized, ErrorCodes.Unauthenticated);
        Assert.NotEmpty(answer.Headers.WwwAuthenticate);
    }

    [Fact]
    public async Task Request_SignedWithAnotherSecretOrForAnotherBody_IsRefused()
    {
        using var other = await _client.SendAsync(GitHubSender.Request("ping", Ping, "a secret of somebody else"));
        var tampered = GitHubSender.Request("ping", Ping, secret: null);
        tampered.Headers.Add("X-Hub-Signature-256", GitHubSender.Sign(Ping + " "));
        using var changed = await _client.SendAsync(tampered);

        await other.ProblemAsync(HttpStatusCode.Unauthorized, ErrorCodes.Unauthenticated);
        await changed.ProblemAsync(HttpStatusCode.Unauthorized, ErrorCodes.Unauthenticated);
    }

    [Fact]
    public async Task Request_UnsignedAgainAndAgain_IsLimitedPerAddressAndSignedOnesAreNot()
    {
        for (var i = 0; i < 3; i++) (await _client.SendAsync(GitHubSender.Request("ping", Ping, "a secret of somebody else"))).Dispose();

        using var limited = await _client.SendAsync(GitHubSender.Request("ping", Ping, secret: null));
        using var signed = await _client.SendAsync(GitHubSender.Request("ping", Ping));

        await limited.ProblemAsync(HttpStatusCode.TooManyRequests, ErrorCodes.RateLimited);
        Assert.Equal(HttpStatusCode.OK, signed.StatusCode);
    }

    [Fact]
    public async Task Request_WhereNoSecretIsSet_FindsNothing()
    {
        await using var host = await ApiHost.StartAsync();

        using var answer = await host.Anonymous().SendAsync(GitHubSender.Request("ping", Ping));

        await answer.ProblemAsync(HttpStatusCode.NotFound, ErrorCodes.NotFound);
    }

    [Fact]
    public async Task Body_OfUpToAMebibyte_IsTaken()
    {
        var fits = $$"""{"zen":"{{new string('a', GitHubHookHandlers.MaxBodyLength - 10)}}"}""";
        Assert.Equal(GitHubHookHandlers.MaxBodyLength, fits.Length);
        using var taken = await _client.SendAsync(GitHubSender.Request("ping", fits));
        using var tooLarge = await _client.SendAsync(GitHubSender.Request("ping", fits + " "));

        Assert.Equal(HttpStatusCode.OK, taken.StatusCode);
        var problem = await tooLarge.ProblemAsync(HttpStatusCode.RequestEntityTooLarge, ErrorCodes.PayloadTooLarge);
        Assert.Contains("1048576", problem.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Body_LongerThanItSays_IsRefusedAsWell()
    {
        var body = new byte[GitHubHookHandlers.MaxBodyLength + 1];
        var context = await _host.Server.SendAsync(request =>
        {
            request.Request.Method = "POST";
            request.Request.Path = "/hooks/github";
            request.Request.Headers["X-Hub-Signature-256"] = "sha256=" + new string('0', 64);
            request.Request.Body = new MemoryStream(body);
        });

        Assert.Equal(StatusCodes.Status413PayloadTooLarge, context.Response.StatusCode);
    }

    [Theory]
    [InlineData("application/x-www-form-urlencoded", "payload=", HttpStatusCode.UnsupportedMediaType, ErrorCodes.UnsupportedMediaType)]
    [InlineData("application/json", "{", HttpStatusCode.BadRequest, ErrorCodes.InvalidRequest)]
    [InlineData("application/json", "null", HttpStatusCode.BadRequest, ErrorCodes.InvalidRequest)]
    [InlineData("application/json", """{"action":7}""", HttpStatusCode.BadRequest, ErrorCodes.InvalidRequest)]
    [InlineData("application/json", """{"action":"\ud800"}""", HttpStatusCode.BadRequest, ErrorCodes.InvalidRequest)]
    public async Task Body_SignedButNotAsGitHubSendsIt_IsRefused(string type, string body, HttpStatusCode status, string code)
    {
        using var answer = await _client.SendAsync(GitHubSender.Request("push", body, contentType: type));

        await answer.ProblemAsync(status, code);
    }

    [Theory]
    [InlineData("workflow_run", """{"action":"completed"}""")]
    [InlineData("push", "{}")]
    [InlineData("push", """{"repository":{"clone_url":"not a url"},"ref":"refs/heads/main"}""")]
    [InlineData("push", """{"repository":null,"ref":null}""")]
    [InlineData("check_run", """{"action":"completed","repository":{"clone_url":"https://x.org/a"},"check_run":{"pull_requests":[null]}}""")]
    [InlineData("status", """{"sha":"x","repository":{"clone_url":"https://example.com/a/b"},"branches":[null]}""")]
    [InlineData("", "{}")]
    public async Task Event_ThatTellsNothing_IsIgnored(string kind, string body)
    {
        using var answer = await _client.SendAsync(GitHubSender.Request(kind, body));

        Assert.Equal(new HookAnswer(HookResult.Ignored, 0), await answer.OkAsync(CoreJson.Default.HookAnswer, HttpStatusCode.Accepted));
    }

    [Theory]
    [InlineData("short")]
    [InlineData("")]
    public void Options_SecretThatIsTooShort_IsRefusedWithoutNamingIt(string secret)
    {
        var e = Assert.Throws<FormatException>(() => new GitHubHookOptions { Secrets = [secret] }.Validate());

        Assert.Contains("at least 16", e.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("short", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Options_ThreeSecrets_AreTooMany() => Assert.Throws<FormatException>(
        () => new GitHubHookOptions { Secrets = [GitHubSender.Secret, GitHubSender.FormerSecret, GitHubSender.Secret] }.Validate());

    [Theory]
    [InlineData("octocat", "octocat", "*")]
    [InlineData("octo-cat_corp=https://github.com/my-org/*", "octo-cat_corp", "https://github.com/my-org/*")]
    [InlineData("ci[bot]", "ci[bot]", "*")]
    public void Approver_WellFormed_IsRead(string text, string login, string projects) =>
        Assert.Equal(new GitHubApprover(login, projects), GitHubApprover.Parse(text));

    [Theory]
    [InlineData("")]
    [InlineData("*")]
    [InlineData("octo cat")]
    [InlineData("=https://github.com/*")]
    [InlineData("octocat=github.com/*")]
    public void Approver_IllFormed_IsRefused(string text) => Assert.Throws<FormatException>(() => GitHubApprover.Parse(text));
}
