using QuantaPilot.Api.Hooks;
using QuantaPilot.Cli.CommandLine;
using QuantaPilot.Host.Server;

namespace QuantaPilot.Cli.Tests;

/// <summary>What <c>qp serve</c> is given for GitHub's webhooks.</summary>
public sealed class GitHubHookOptionTests : IDisposable
{
    private readonly CliRunner _cli = new();
    private readonly List<ServerOptions> _started = [];

    public GitHubHookOptionTests() => _cli.StartServer = (options, _) =>
    {
        _started.Add(options);
        throw new CliException("enough");
    };

    public void Dispose() => _cli.Dispose();

    [Fact]
    public async Task Serve_WithoutASecret_TakesNoWebhooks()
    {
        _cli.Variables["QP_GITHUB_WEBHOOK_SECRET"] = "";
        await _cli.RunAsync("serve");
        Assert.Null(Assert.Single(_started).GitHubHooks);
    }

    [Fact]
    public async Task Serve_SecretsInTheEnvironment_AreTakenWithTheApprovers()
    {
        _cli.Variables["QP_GITHUB_WEBHOOK_SECRET"] = "a secret of the webhooks\n";
        _cli.Variables["QP_GITHUB_WEBHOOK_SECRET_FORMER"] = "the secret before that";

        await _cli.RunAsync("serve", "--github-approver", "octocat", "--github-approver", "olga=https://github.com/my-org/*");

        var hooks = Assert.Single(_started).GitHubHooks!;
        Assert.Equal(["a secret of the webhooks", "the secret before that"], hooks.Secrets);
        Assert.Equal([new GitHubApprover("octocat", "*"), new("olga", "https://github.com/my-org/*")], hooks.Approvers);
    }

    [Theory]
    [InlineData("hunter2", "octocat", "must have at least 16 characters")]
    [InlineData("a secret of the webhooks", "octo cat", "'octo cat' names no approver: give LOGIN, or LOGIN=GLOB")]
    [InlineData("a secret of the webhooks", "octocat=github.com/*", "begins with https://")]
    public async Task Serve_NotAccepted_SaysWhatIsWithoutTheSecret(string secret, string approver, string why)
    {
        _cli.Variables["QP_GITHUB_WEBHOOK_SECRET"] = secret;

        Assert.Equal(ExitCodes.WrongUse, await _cli.RunAsync("serve", "--github-approver", approver));

        Assert.Empty(_started);
        Assert.Contains(why, _cli.Error.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2", _cli.Error.Output, StringComparison.Ordinal);
    }
}
