using System.Security.Cryptography;
using QuantaPilot.Cli.CommandLine;
using QuantaPilot.Host.Server;

namespace QuantaPilot.Cli.Tests;

/// <summary>Where <c>qp serve</c> and runs in this process get the credentials for GitHub from.</summary>
public sealed class GitHubOptionTests : IDisposable
{
    private readonly CliRunner _cli = new();
    private readonly List<ServerOptions> _started = [];

    public GitHubOptionTests() => _cli.StartServer = (options, _) =>
    {
        _started.Add(options);
        throw new CliException("enough");
    };

    public void Dispose() => _cli.Dispose();

    [Fact]
    public async Task Serve_WithoutCredentials_HasNoGitHub()
    {
        await _cli.RunAsync("serve");
        Assert.Empty(Assert.Single(_started).GitHub);
    }

    [Theory]
    [InlineData("serve")]
    [InlineData("run --repo https://github.com/acme/sample --branch main")]
    public async Task Command_TokenInTheEnvironment_IsForGitHubDotCom(string line)
    {
        _cli.Variables["QP_GITHUB_TOKEN"] = " ghp_abc\n";
        await _cli.RunAsync(line.Split(' '));
        var host = Assert.Single(Assert.Single(_started).GitHub);
        Assert.Equal(("github.com", null, "ghp_abc", null), (host.Host, host.ApiUrl, host.Token, host.AppId));
    }

    [Fact]
    public async Task Serve_SeveralHosts_EachWithCredentialsOfItsOwn()
    {
        using var key = RSA.Create(2048);
        var pem = key.ExportRSAPrivateKeyPem();
        await File.WriteAllTextAsync(Path.Combine(_cli.WorkingDirectory, "app.pem"), pem);
        _cli.Variables["QP_GITHUB_TOKEN"] = "ghp_abc";
        _cli.Variables["QP_GITHUB_APP_ID_GIT_EXAMPLE_COM_8443"] = "4711";
        _cli.Variables["QP_GITHUB_APP_KEY_FILE_GIT_EXAMPLE_COM_8443"] = "app.pem";

        await _cli.RunAsync("serve", "--github", "github.com", "--github", "git.example.com:8443=https://api.example.com/v3");

        Assert.Equal(
            [
                ("github.com", null, "ghp_abc", null, null),
                ("git.example.com:8443", "https://api.example.com/v3", null, "4711", pem),
            ],
            Assert.Single(_started).GitHub.Select(host => (host.Host, host.ApiUrl?.AbsoluteUri, host.Token, host.AppId, host.PrivateKey)));
    }

    [Theory]
    [InlineData("https://github.com", "--github 'https://github.com' is not accepted: the host must be")]
    [InlineData("git.example.com=ftp://x", "what follows = must be the https URL of the REST API")]
    [InlineData("git.example.com", "--github git.example.com: there is neither a token nor a GitHub App. Set QP_GITHUB_TOKEN, or")]
    public async Task Serve_HostThatIsNotAccepted_Exits2AndSaysWhatIs(string host, string words)
    {
        Assert.Equal(ExitCodes.WrongUse, await _cli.RunAsync("serve", "--github", host));
        Assert.Contains(words, _cli.Error.Output, StringComparison.Ordinal);
        Assert.Empty(_started);
    }

    [Theory]
    [InlineData("QP_GITHUB_TOKEN", "s3cret s3cret", "QP_GITHUB_TOKEN must be a personal access token")]
    [InlineData("QP_GITHUB_APP_ID", "4711", "the App's private key is missing. Set QP_GITHUB_TOKEN, or QP_GITHUB_APP_ID")]
    [InlineData("QP_GITHUB_APP_KEY_FILE_GITHUB_COM", "app.pem", "the App's id is missing. Set QP_GITHUB_TOKEN_GITHUB_COM")]
    public async Task Serve_VariableThatIsNotAccepted_IsNamedWithoutItsValue(string name, string value, string words)
    {
        _cli.Variables[name] = value;
        Assert.Equal(ExitCodes.WrongUse, await _cli.RunAsync("serve"));
        Assert.Contains(words, _cli.Error.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("s3cret", _cli.Error.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null, "can't be read")]
    [InlineData("s3cret", "must be the private key of the GitHub App")]
    public async Task Serve_KeyFileThatIsNone_IsNamedWithoutItsContent(string? content, string words)
    {
        if (content is not null) await File.WriteAllTextAsync(Path.Combine(_cli.WorkingDirectory, "app.pem"), content);
        _cli.Variables["QP_GITHUB_APP_ID"] = "4711";
        _cli.Variables["QP_GITHUB_APP_KEY_FILE"] = "app.pem";
        Assert.Equal(ExitCodes.WrongUse, await _cli.RunAsync("serve"));
        var said = _cli.Error.Output.ReplaceLineEndings(" ");
        Assert.Contains("QP_GITHUB_APP_KEY_FILE", said, StringComparison.Ordinal);
        Assert.Contains(words, said, StringComparison.Ordinal);
        Assert.DoesNotContain("s3cret", said, StringComparison.Ordinal);
    }
}
