using System.Globalization;
using System.Text.Json.Nodes;

namespace QuantaPilot.Testing.GitHub;

/// <summary>A pull request of <see cref="FakeGitHub"/>.</summary>
public sealed class FakePullRequest
{
    public required int Number { get; init; }

    public required string Head { get; init; }

    public required string Base { get; init; }

    public required string Title { get; set; }

    public required string Body { get; set; }

    public required string Url { get; init; }

    public bool Draft { get; set; }

    /// <summary>False once it is closed, merged or not.</summary>
    public bool IsOpen { get; set; } = true;

    /// <summary>Its head when it was last looked at; a merge or the end of its branch leaves it there.</summary>
    public string HeadSha { get; set; } = "";

    /// <summary>The commit that a merge made, or null.</summary>
    public string? MergeSha { get; set; }

    public List<string> Labels { get; } = [];

    public List<FakeComment> Comments { get; } = [];

    internal string NodeId => string.Create(CultureInfo.InvariantCulture, $"PR_{Url.GetHashCode(StringComparison.Ordinal):X}_{Number}");

    internal JsonObject ToJson(string owner, string baseSha) => new()
    {
        ["id"] = 1_000 + Number,
        ["node_id"] = NodeId,
        ["number"] = Number,
        ["state"] = IsOpen ? "open" : "closed",
        ["title"] = Title,
        ["body"] = Body,
        ["html_url"] = Url,
        ["draft"] = Draft,
        ["head"] = new JsonObject { ["ref"] = Head, ["sha"] = HeadSha, ["label"] = $"{owner}:{Head}" },
        ["base"] = new JsonObject { ["ref"] = Base, ["sha"] = baseSha, ["label"] = $"{owner}:{Base}" },
        ["labels"] = new JsonArray([.. Labels.Select(label => new JsonObject { ["name"] = label })]),
        ["merged_at"] = MergeSha is null ? null : "2026-01-02T03:04:05Z",
        // Of an open one GitHub names a merge that it tried, which is not on any branch.
        ["merge_commit_sha"] = MergeSha ?? new string('e', 40),
        ["created_at"] = "2026-01-02T03:04:05Z",
        ["updated_at"] = "2026-01-02T03:04:05Z",
    };
}

/// <summary>A comment on a pull request.</summary>
public sealed class FakeComment
{
    public required long Id { get; init; }

    public required string Body { get; set; }
}

/// <summary>A check run of a commit.</summary>
/// <param name="Name">What it is called.</param>
/// <param name="Conclusion">How it ended (success, failure, neutral and so on); null while it runs.</param>
/// <param name="Summary">What it says of it.</param>
/// <param name="AppId">The App that it belongs to.</param>
public sealed record FakeCheckRun(string Name, string? Conclusion, string? Summary = null, int AppId = 15368);

/// <summary>A commit status.</summary>
/// <param name="Context">What it is called.</param>
/// <param name="State">error, failure, pending or success.</param>
/// <param name="Description">What it says of it.</param>
public sealed record FakeStatus(string Context, string State, string? Description = null);
