using System.Text.Json.Serialization;

namespace QuantaPilot.Api.Hooks;

/// <summary>
/// What is read of GitHub's webhook payloads, whichever event it is: everything may be missing, and all else in them is passed over,
/// so that GitHub can add what it likes. (The types of Octokit.Webhooks require hundreds of members that nobody here reads.)
/// </summary>
internal sealed record GitHubPayload
{
    public string? Action { get; init; }

    public GitHubRepository? Repository { get; init; }

    public GitHubUser? Sender { get; init; }

    public GitHubCheck? CheckRun { get; init; }

    public GitHubCheck? CheckSuite { get; init; }

    public GitHubPullRequest? PullRequest { get; init; }

    public GitHubIssue? Issue { get; init; }

    public GitHubComment? Comment { get; init; }

    /// <summary>Of a status: the commit.</summary>
    public string? Sha { get; init; }

    /// <summary>Of a status: <c>pending</c>, <c>success</c>, <c>failure</c> or <c>error</c>.</summary>
    public string? State { get; init; }

    /// <summary>Of a status: the branches that stand at the commit.</summary>
    public IReadOnlyList<GitHubBranch>? Branches { get; init; }

    /// <summary>Of a push: <c>refs/heads/…</c>.</summary>
    public string? Ref { get; init; }

    /// <summary>Of a push: where the branch stands now; zeros if it is gone.</summary>
    public string? After { get; init; }
}

internal sealed record GitHubRepository(string? CloneUrl);

internal sealed record GitHubUser(string? Login, long Id);

internal sealed record GitHubBranch(string? Name);

/// <summary>A check run or a check suite. A run has its branch in its suite.</summary>
internal sealed record GitHubCheck(
    string? HeadSha, string? HeadBranch, GitHubCheck? CheckSuite, IReadOnlyList<GitHubPullRequest>? PullRequests);

internal sealed record GitHubPullRequest(int Number, GitHubHead? Head);

internal sealed record GitHubHead(string? Ref, string? Sha);

/// <param name="Number">Issues and pull requests count together.</param>
/// <param name="PullRequest">There if it is a pull request.</param>
internal sealed record GitHubIssue(int Number, GitHubPullRequestLink? PullRequest);

internal sealed record GitHubPullRequestLink(string? Url);

internal sealed record GitHubComment(long Id, string? Body, GitHubUser? User, DateTimeOffset? CreatedAt);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(GitHubPayload))]
internal sealed partial class GitHubJson : JsonSerializerContext;
