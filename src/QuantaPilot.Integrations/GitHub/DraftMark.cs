using System.Text.Json;
using Octokit;
using QuantaPilot.Core.Ports;
using QuantaPilot.Core.Runs;

namespace QuantaPilot.Integrations.GitHub;

/// <summary>Takes pull requests out of draft, which only GitHub's GraphQL API does.</summary>
internal static class DraftMark
{
    private const string Mutation =
        "mutation($id: ID!) { markPullRequestReadyForReview(input: { pullRequestId: $id }) { pullRequest { isDraft } } }";

    /// <returns>True if it was a draft.</returns>
    public static async Task<bool> TakeOffAsync(GitHubClient client, GitHubRepository repository, int number, Uri graphQl)
    {
        var pull = await client.PullRequest.Get(repository.Owner, repository.Name, number);
        if (!pull.Draft) return false;
        var body = JsonSerializer.Serialize(new Dictionary<string, object>
        {
            ["query"] = Mutation,
            ["variables"] = new Dictionary<string, string> { ["id"] = pull.NodeId },
        });
        var answer = (await client.Connection.Post<GraphQlAnswer>(graphQl, body, GitHubTransport.Json, GitHubTransport.Json)).Body;
        // GraphQL tells faults with status 200.
        if (answer.Errors is not [var error, ..]) return true;
        throw error.Type == "FORBIDDEN"
            ? new StepException(
                ErrorCodes.AuthenticationFailed,
                $"{repository.Url} does not let these credentials take a pull request out of draft: it takes the permission "
                + $"{GitHubAction.Open.Permission}. GitHub says: {error.Message}")
            : new StepException(
                ErrorCodes.PullRequestRefused, $"{repository.Url} refused to take pull request {number} out of draft: {error.Message}");
    }
}

/// <summary>The answer to a mutation, as far as it matters.</summary>
internal sealed class GraphQlAnswer
{
    public IReadOnlyList<GraphQlError>? Errors { get; set; }
}

internal sealed class GraphQlError
{
    public string? Type { get; set; }

    public string? Message { get; set; }
}
