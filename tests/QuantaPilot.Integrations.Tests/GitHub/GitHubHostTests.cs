using QuantaPilot.Core.Runs;
using QuantaPilot.Integrations.GitHub;

namespace QuantaPilot.Integrations.Tests.GitHub;

public sealed class GitHubHostTests
{
    [Theory]
    [InlineData("github.com", null, "https://api.github.com/", "https://api.github.com/graphql")]
    [InlineData("acme.ghe.com", null, "https://api.acme.ghe.com/", "https://api.acme.ghe.com/graphql")]
    [InlineData("github.example.com", null, "https://github.example.com/api/v3/", "https://github.example.com/api/graphql")]
    [InlineData("github.example.com:8443", null, "https://github.example.com:8443/api/v3/", "https://github.example.com:8443/api/graphql")]
    [InlineData("git.example.com", "https://x.example.com/api/v3", "https://x.example.com/api/v3/", "https://x.example.com/api/graphql")]
    public void Api_OfAHost_IsWhereGitHubHasIt(string host, string? api, string rest, string graphQl)
    {
        var settings = new GitHubHost { Host = host, ApiUrl = api is null ? null : new Uri(api), Token = "t" };
        Assert.Equal((rest, graphQl), (settings.Api.AbsoluteUri, settings.GraphQl.AbsoluteUri));
    }

    [Theory]
    [InlineData("GitHub.com", null, "t", null, null, "must be the host")]
    [InlineData("https://github.com", null, "t", null, null, "must be the host")]
    [InlineData("github.com/acme", null, "t", null, null, "must be the host")]
    [InlineData("", null, "t", null, null, "must be the host")]
    [InlineData("github.com", "http://api.example.com/", "t", null, null, "the URL of its API must be the https URL")]
    [InlineData("github.com", "https://u:p@api.example.com/", "t", null, null, "the URL of its API must be the https URL")]
    [InlineData("github.com", null, null, null, null, "there is neither a token nor a GitHub App")]
    [InlineData("github.com", null, "t", "1", null, "exclude each other")]
    [InlineData("github.com", null, null, "1", null, "the App's private key is missing")]
    [InlineData("github.com", null, null, null, "key", "the App's id is missing")]
    [InlineData("github.com", null, "s3cret s3cret", null, null, "its token must be a personal access token")]
    [InlineData("github.com", null, "@Microsoft.KeyVault(s3cret)", null, null, "its token must be a personal access token")]
    [InlineData("github.com", null, null, "1 2", "key", "the App's id must be")]
    [InlineData("github.com", null, null, "1", "s3cret", "the App's key must be the private key")]
    public void Hosts_SettingThatIsNotAccepted_SaysWhatIs(string host, string? api, string? token, string? appId, string? key, string words)
    {
        var url = api is null ? null : new Uri(api);
        var settings = new GitHubHost { Host = host, ApiUrl = url, Token = token, AppId = appId, PrivateKey = key };
        var fault = Assert.Throws<FormatException>(() => new GitHubHosts([settings], TimeProvider.System));
        Assert.Contains(words, fault.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("s3cret", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Hosts_NamedTwice_AreRefused()
    {
        var host = new GitHubHost { Host = "github.com", Token = "t" };
        var fault = Assert.Throws<FormatException>(() => new GitHubHosts([host, host], TimeProvider.System));
        Assert.Contains("twice", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void FindPrivateKeyFault_PublicOrShortKey_IsRefused()
    {
        using var key = System.Security.Cryptography.RSA.Create(2048);
        using var shorter = System.Security.Cryptography.RSA.Create(1024);
        Assert.NotNull(GitHubHost.FindPrivateKeyFault(key.ExportRSAPublicKeyPem()));
        Assert.NotNull(GitHubHost.FindPrivateKeyFault(shorter.ExportRSAPrivateKeyPem()));
        Assert.Null(GitHubHost.FindPrivateKeyFault(key.ExportRSAPrivateKeyPem()));
        Assert.Null(GitHubHost.FindPrivateKeyFault(key.ExportPkcs8PrivateKeyPem()));
    }

    [Theory]
    [InlineData("https://github.com/acme/sample", "acme", "sample")]
    [InlineData("https://github.com/acme/sample.git", "acme", "sample")]
    [InlineData("https://github.com/acme", null, null)]
    [InlineData("https://github.com/acme/sample/tree", null, null)]
    [InlineData("https://gitlab.com/acme/sample", null, null)]
    [InlineData("http://github.com/acme/sample", null, null)]
    [InlineData("https://github.com.evil.example/acme/sample", null, null)]
    public async Task Find_Url_IsARepositoryOfTheHostOrNot(string text, string? owner, string? name)
    {
        using var hosts = new GitHubHosts([new GitHubHost { Host = "github.com", Token = "s3cret" }], TimeProvider.System);
        Assert.True(RepositoryUrl.TryParse(text, out var url, out _));
        var found = hosts.Find(url)?.Repository;
        Assert.Equal((owner, name), (found?.Owner, found?.Name));
        var credential = await hosts.FindAsync(url, default);
        Assert.Equal(owner is null ? null : "https://github.com", credential?.UrlPrefix);
    }
}
