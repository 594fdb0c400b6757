using QuantaPilot.Core.Orchestrations;
using QuantaPilot.Core.Runs;

namespace QuantaPilot.Api.Hooks;

/// <summary>A change that GitHub tells of, and which pull requests it may be about. Each member that is known leads to them.</summary>
/// <param name="Kind">The event's name.</param>
/// <param name="HeadSha">The commit that it is about.</param>
/// <param name="Branches">The branches that it is about.</param>
/// <param name="Numbers">The pull requests that it is about.</param>
internal sealed record GitHubChange(string Kind, string? HeadSha, IReadOnlyList<string> Branches, IReadOnlyList<int> Numbers)
{
    private const string Heads = "refs/heads/";
    private const string Completed = "completed";

    /// <summary>What an event tells of; null if it tells of nothing that a run waits for.</summary>
    public static GitHubChange? Read(string kind, GitHubPayload payload) => kind switch
    {
        "check_run" when payload is { Action: Completed, CheckRun: { } run } =>
            OfCheck(kind, run, run.CheckSuite?.HeadBranch),
        "check_suite" when payload is { Action: Completed, CheckSuite: { } suite } =>
            OfCheck(kind, suite, suite.HeadBranch),
        "status" when payload is { Sha: { } sha, State: not "pending" } =>
            new(kind, Commit(sha), [.. (payload.Branches ?? []).Select(branch => branch?.Name).OfType<string>()], []),
        "push" when payload.Ref is { } name && name.StartsWith(Heads, StringComparison.Ordinal) =>
            new(kind, Commit(payload.After), [name[Heads.Length..]], []),
        "pull_request" when payload is { Action: "synchronize" or "closed", PullRequest: { } pullRequest } =>
            new(kind, Commit(pullRequest.Head?.Sha), pullRequest.Head?.Ref is { } branch ? [branch] : [], [pullRequest.Number]),
        _ => null,
    };

    /// <summary>What the run is told about one of its pull requests; null if the change is not about it.</summary>
    public ForgeChange? About(PullRequestState pullRequest) =>
        Numbers.Contains(pullRequest.Number) || Branches.Contains(pullRequest.Branch) || HeadSha == pullRequest.HeadSha
            ? new ForgeChange(Kind, pullRequest.Number, HeadSha)
            : null;

    private static GitHubChange OfCheck(string kind, GitHubCheck check, string? branch) => new(
        kind,
        Commit(check.HeadSha),
        branch is null ? [] : [branch],
        [.. (check.PullRequests ?? []).Select(pullRequest => pullRequest?.Number).OfType<int>()]);

    /// <summary>What goes on into a run's history is a commit id or nothing.</summary>
    private static string? Commit(string? text) =>
        text is { Length: 40 or 64 } && text.All(char.IsAsciiHexDigitLower) && text.Any(c => c != '0') ? text : null;
}
