using Microsoft.Extensions.Time.Testing;
using QuantaPilot.Core.Ports;
using QuantaPilot.Core.Runs;
using QuantaPilot.Integrations.Git;
using QuantaPilot.Integrations.GitHub;
using QuantaPilot.Integrations.Tests.Git;
using QuantaPilot.Testing.GitHub;

namespace QuantaPilot.Integrations.Tests.GitHub;

/// <summary>The repository acme/sample on a fake GitHub, and forges that may use it.</summary>
public sealed class GitHubFixture : IAsyncDisposable
{
    public const string Branch = "quantapilot/0123456789abcdef0123456789abcdef/M-001";

    private readonly TempDirectory _directory = new();
    private readonly List<IDisposable> _owned = [];

    private GitHubFixture()
    {
    }

    public FakeTimeProvider Time { get; } = new(new DateTimeOffset(2026, 5, 6, 7, 8, 9, TimeSpan.Zero));

    public FakeGitHub GitHub { get; private set; } = null!;

    public FakeGitHubRepository Repository { get; private set; } = null!;

    /// <summary>With the personal access token.</summary>
    public IForge Forge { get; private set; } = null!;

    public string Url => Repository.Url;

    public GitHubHost TokenHost => new() { Host = GitHub.Host, ApiUrl = new Uri(GitHub.ApiUrl), Token = FakeGitHub.Token };

    public GitHubHost AppHost =>
        new() { Host = GitHub.Host, ApiUrl = new Uri(GitHub.ApiUrl), AppId = FakeGitHubApp.Id, PrivateKey = GitHub.App.PrivateKey };

    public static async Task<GitHubFixture> StartAsync()
    {
        var fixture = new GitHubFixture();
        fixture.GitHub = await FakeGitHub.StartAsync(fixture._directory, fixture.Time);
        var git = new GitRepository(fixture._directory, "acme/sample");
        git.Commit("main", ("README.md", "one\ntwo\nthree\n"));
        fixture.Repository = fixture.GitHub.Add("acme/sample", git);
        fixture.Forge = fixture.NewForge(fixture.TokenHost);
        return fixture;
    }

    public IForge NewForge(params GitHubHost[] hosts)
    {
        string[] allowed = [$"http://{GitHub.Host}/acme/*", "http://127.0.0.1:1/*", "file:///*"];
        var credentials = new GitHubHosts(hosts, Time);
        var options = new GitForgeOptions { AllowedRepositories = allowed, TempRoot = _directory.Combine("work") };
        var git = new GitForge(options, new InMemoryPullRequestStore(), Time, CheckedLogger.For<GitForge>(), credentials);
        _owned.AddRange([credentials, git]);
        return new RoutingForge(git, [new GitHubForge(git, credentials, new RepositoryPolicy(allowed))]);
    }

    /// <summary>Has the forge commit and push a file; returns the head of the branch.</summary>
    public async Task<string> PushAsync(string path, string text, IForge? forge = null)
    {
        await using var checkout = await (forge ?? Forge).CheckoutAsync(Url, "main", null, Branch, default);
        await File.WriteAllTextAsync(Path.Combine(checkout.Directory, path), text);
        return (await checkout.CommitAndPushAsync($"M-001/{path}", $"Write {path}", default)).HeadSha;
    }

    public Task<PullRequest> OpenAsync(Func<PullRequestRequest, PullRequestRequest>? change = null, IForge? forge = null)
    {
        var request = new PullRequestRequest(Url, Branch, "main", "M-001: Greeting", "What was done");
        return (forge ?? Forge).OpenPullRequestAsync(change?.Invoke(request) ?? request, default);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var owned in _owned) owned.Dispose();
        await GitHub.DisposeAsync();
        _directory.Dispose();
    }
}
