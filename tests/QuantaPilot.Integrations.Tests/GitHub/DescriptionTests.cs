using System.Security.Cryptography;
using System.Text.Json.Nodes;
using QuantaPilot.Core.Ports;
using QuantaPilot.Core.Runs;
using QuantaPilot.Integrations.Git;
using QuantaPilot.Integrations.GitHub;
using QuantaPilot.Integrations.Tests.Git;
using QuantaPilot.Testing.GitHub;

namespace QuantaPilot.Integrations.Tests.GitHub;

/// <summary>Whether GitHub's own description of its API allows each request that the forge makes, and its answers are understood.</summary>
#pragma warning disable CA1001 // xunit disposes through IAsyncLifetime.
public sealed class DescriptionTests : IAsyncLifetime
#pragma warning restore CA1001
{
    /// <summary>What the description's example of a pull request is about.</summary>
    private const string ExampleHead = "6dcb09b5b57875f334f61aebed695e2e4193db5e";
    private const string Sample = "/repos/octocat/Hello-World";

    private readonly TempDirectory _directory = new();
    private DescribedGitHub _described = null!;
    private GitHubHosts _hosts = null!;
    private GitForge _git = null!;
    private GitHubForge _forge = null!;

    private string Url => $"http://{_described.Host}/octocat/Hello-World";

    public async Task InitializeAsync()
    {
        _described = await DescribedGitHub.StartAsync();
        Use(new GitHubHost { Host = _described.Host, ApiUrl = new Uri($"http://{_described.Host}"), Token = FakeGitHub.Token });
    }

    public async Task DisposeAsync()
    {
        _git.Dispose();
        _hosts.Dispose();
        await _described.DisposeAsync();
        _directory.Dispose();
    }

    [Fact]
    public async Task EveryRequest_IsAllowedAndUnderstood()
    {
        await OpenAsync();
        await UpdateAsync();
        await CheckAsync();
        await MarkReadyAsync();
        await CommentAsync();
        await MergeAsync();
        await ChangeBranchesAsync();
        await AsAppAsync();

        Assert.Empty(_described.Refusals);
        Assert.Equal(
            [
                "DELETE /repos/{owner}/{repo}/git/refs/{ref}",
                "GET /repos/{owner}/{repo}/branches/{branch}",
                "GET /repos/{owner}/{repo}/commits/{ref}/check-runs",
                "GET /repos/{owner}/{repo}/commits/{ref}/status",
                "GET /repos/{owner}/{repo}/git/commits/{commit_sha}",
                "GET /repos/{owner}/{repo}/git/ref/{ref}",
                "GET /repos/{owner}/{repo}/installation",
                "GET /repos/{owner}/{repo}/issues/{issue_number}/comments",
                "GET /repos/{owner}/{repo}/labels/{name}",
                "GET /repos/{owner}/{repo}/pulls",
                "GET /repos/{owner}/{repo}/pulls/{pull_number}",
                "GET /repos/{owner}/{repo}/rules/branches/{branch}",
                "PATCH /repos/{owner}/{repo}/git/refs/{ref}",
                "PATCH /repos/{owner}/{repo}/issues/comments/{comment_id}",
                "PATCH /repos/{owner}/{repo}/pulls/{pull_number}",
                "POST /app/installations/{installation_id}/access_tokens",
                "POST /graphql",
                "POST /repos/{owner}/{repo}/git/commits",
                "POST /repos/{owner}/{repo}/issues/{issue_number}/comments",
                "POST /repos/{owner}/{repo}/issues/{issue_number}/labels",
                "POST /repos/{owner}/{repo}/labels",
                "POST /repos/{owner}/{repo}/pulls",
                "PUT /repos/{owner}/{repo}/pulls/{pull_number}/merge",
            ],
            _described.Operations);
    }

    [Fact]
    public async Task Request_ThatTheDescriptionDoesNotAllow_IsRefused()
    {
        using var http = new HttpClient { BaseAddress = new Uri($"http://{_described.Host}") };
        await http.PutAsync($"{Sample}/pulls/1/merge", new StringContent("""{"merge_method":"octopus"}""", null, "application/json"));
        await http.GetAsync($"{Sample}/stargazers");
        var mutation = """{"query":"mutation { explode { ok } }","variables":{"id":"x"}}""";
        await http.PostAsync("/graphql", new StringContent(mutation, null, "application/json"));
        Assert.Collection(
            _described.Refusals,
            refusal => Assert.Contains("merge_method", refusal, StringComparison.Ordinal),
            refusal => Assert.Contains("no path matched", refusal, StringComparison.Ordinal),
            refusal => Assert.Contains("explode", refusal, StringComparison.Ordinal));
    }

    private void Use(GitHubHost host)
    {
        string[] allowed = [$"http://{_described.Host}/*"];
        _hosts = new GitHubHosts([host], TimeProvider.System);
        var options = new GitForgeOptions { AllowedRepositories = allowed, TempRoot = _directory.Combine("work") };
        _git = new GitForge(options, new InMemoryPullRequestStore(), TimeProvider.System, CheckedLogger.For<GitForge>(), _hosts);
        _forge = new GitHubForge(_git, _hosts, new RepositoryPolicy(allowed));
    }

    private async Task<T> RunAsync<T>(Func<Octokit.GitHubClient, GitHubRepository, Task<T>> work)
    {
        Assert.True(RepositoryUrl.TryParse(Url, out var url, out _));
        var (api, repository) = _hosts.Find(url)!.Value;
        return await api.RunAsync(repository, GitHubAction.Open, client => work(client, repository), default);
    }

    private async Task OpenAsync()
    {
        await _described.AnswerAsync($"GET {Sample}/labels/quantapilot", code: 404);
        var request = new PullRequestRequest(Url, GitHubFixture.Branch, "main", "Title", "Body") { Draft = true, Labels = ["quantapilot"] };
        var opened = await RunAsync((client, repository) => new PullRequestOpener(client, repository, request).OpenAsync());
        Assert.Equal((1347, "https://github.com/octocat/Hello-World/pull/1347"), (opened.Number, opened.HtmlUrl));
    }

    private async Task UpdateAsync()
    {
        var request = new PullRequestRequest(Url, "new-topic", "master", "Title", "Body");
        var updated = await RunAsync((client, repository) => new PullRequestOpener(client, repository, request).OpenAsync());
        Assert.Equal(1347, updated.Number);
    }

    private async Task CheckAsync()
    {
        // The examples are of three checks, none of them required.
        var all = await _forge.GetChecksAsync(Url, 1347, ExampleHead, default);
        Assert.Equal((CheckState.Succeeded, 0, 0), (all.State, all.Pending.Count, all.Failed.Count));

        var protection = JsonNode.Parse("""
            {"enabled":true,"required_status_checks":{"enforcement_level":"everyone","contexts":["build","security/brakeman"],
            "checks":[{"context":"build","app_id":null},{"context":"security/brakeman","app_id":null}]}}
            """);
        await _described.AnswerAsync($"GET {Sample}/branches/master", merge: new JsonObject { ["protection"] = protection });
        var required = await _forge.GetChecksAsync(Url, 1347, ExampleHead, default);
        Assert.Equal((CheckState.Pending, "build"), (required.State, Assert.Single(required.Pending)));
    }

    private async Task MarkReadyAsync()
    {
        await _described.AnswerAsync($"GET {Sample}/pulls/5", merge: new JsonObject { ["draft"] = true });
        await _forge.MarkReadyAsync(Url, 5, default);
    }

    private async Task CommentAsync()
    {
        await _forge.CommentAsync(Url, 1347, "gate:anchor", "Approved", default);
        await _described.AnswerAsync(
            $"GET {Sample}/issues/1347/comments", merge: new JsonObject { ["body"] = "<!-- quantapilot gate%3Aanchor -->\nAsked" });
        await _forge.CommentAsync(Url, 1347, "gate:anchor", "Approved", default);
    }

    private async Task MergeAsync()
    {
        await _described.AnswerAsync($"GET {Sample}/pulls/1347", merge: new JsonObject { ["merged_at"] = null });
        var merged = await _forge.MergeAsync(Url, 1347, ExampleHead, MergeMethod.Squash, default);
        Assert.Equal(new MergeOutcome(true, ExampleHead, ExampleHead), merged);

        await _described.AnswerAsync($"PUT {Sample}/pulls/1347/merge", code: 405);
        var refused = await Assert.ThrowsAsync<StepException>(() => _forge.MergeAsync(Url, 1347, ExampleHead, MergeMethod.Rebase, default));
        Assert.Equal(ErrorCodes.PullRequestRefused, refused.Code);

        await _described.AnswerAsync($"GET {Sample}/pulls/6", merge: new JsonObject { ["state"] = "closed" });
        Assert.True((await _forge.MergeAsync(Url, 6, ExampleHead, MergeMethod.Squash, default)).Merged);
    }

    private async Task ChangeBranchesAsync()
    {
        await RunAsync(async (client, repository) =>
        {
            await new GitHubBranches(client, repository).AddEmptyCommitAsync(GitHubFixture.Branch, "Nothing to change");
            return true;
        });
        // Where the example of a reference stands.
        await _forge.DeleteBranchAsync(Url, GitHubFixture.Branch, "aa218f56b14c9653891f9e74264a383fa43fefbd", default);
    }

    private async Task AsAppAsync()
    {
        using var key = RSA.Create(2048);
        var host = new GitHubHost
        {
            Host = _described.Host,
            ApiUrl = new Uri($"http://{_described.Host}"),
            AppId = "1",
            PrivateKey = key.ExportRSAPrivateKeyPem(),
        };
        using var hosts = new GitHubHosts([host], TimeProvider.System);
        Assert.True(RepositoryUrl.TryParse(Url, out var url, out _));
        var credential = await hosts.FindAsync(url, default);
        Assert.Equal(("x-access-token", "ghs_16C7e42F292c6912E7710c838347Ae178B4a"), (credential!.Username, credential.Secret));
    }
}
