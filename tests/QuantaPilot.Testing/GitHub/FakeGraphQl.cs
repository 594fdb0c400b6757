using System.Text.Json.Nodes;

namespace QuantaPilot.Testing.GitHub;

/// <summary>The one mutation that has no counterpart in the REST API.</summary>
internal static class FakeGraphQl
{
    public static FakeAnswer Answer(IEnumerable<FakeGitHubRepository> repositories, JsonNode body)
    {
        var query = body["query"]!.GetValue<string>();
        var id = body["variables"]?["id"]?.GetValue<string>();
        if (!query.Contains("markPullRequestReadyForReview", StringComparison.Ordinal))
            return Error("UNKNOWN", "Not a mutation that is known here");
        var pull = repositories.SelectMany(repository => repository.PullRequests).FirstOrDefault(pull => pull.NodeId == id);
        if (pull is null) return Error("NOT_FOUND", $"Could not resolve to a node with the global id of '{id}'.");
        pull.Draft = false;
        return FakeAnswer.Ok(new JsonObject
        {
            ["data"] = new JsonObject
            {
                ["markPullRequestReadyForReview"] = new JsonObject { ["pullRequest"] = new JsonObject { ["isDraft"] = false } },
            },
        });
    }

    /// <summary>GraphQL tells faults with status 200.</summary>
    private static FakeAnswer Error(string type, string message) => FakeAnswer.Ok(new JsonObject
    {
        ["data"] = null,
        ["errors"] = new JsonArray(new JsonObject { ["type"] = type, ["message"] = message }),
    });
}
