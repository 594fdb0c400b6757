using QuantaPilot.Core.Runs;

namespace QuantaPilot.Testing;

/// <summary>Runs and events to put into a store.</summary>
public static class Scenario
{
    public const string HeadSha = "1111111111111111111111111111111111111111";
    public static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    public static RunSnapshot Run(
        string project = "https://example.com/org/project", RunId? id = null, string requestedBy = "olga", DateTimeOffset? createdAt = null) => new()
        {
            RunId = id ?? RunId.From(Guid.CreateVersion7()),
            RepoUrl = project + ".git",
            Project = project,
            Branch = "main",
            CorrelationId = Guid.NewGuid().ToString(),
            RequestedBy = requestedBy,
            RequestDigest = "",
            CreatedAt = createdAt ?? Start,
            UpdatedAt = createdAt ?? Start,
        };

    public static RunStarted Started(long revision = 1) => new() { Revision = revision, Sequence = revision, At = Start };

    public static GateRequested AnchorRequested(long revision = 2, int approvals = 1, bool selfApproval = true, string headSha = HeadSha) =>
        new(Gate.Anchor, 1, "Review the documentation.", Start.AddDays(7), approvals, selfApproval, Review(headSha))
        {
            Revision = revision,
            Sequence = revision,
            At = Start,
        };

    /// <summary>A public event that may come any number of times.</summary>
    public static RunResumed Tick(long revision) => new() { Revision = revision, Sequence = revision, At = Start.AddSeconds(revision) };

    public static GateDecided Decided(long revision = 3) =>
        new(Gate.Anchor, 1, true, "") { Revision = revision, Sequence = revision, At = Start };

    public static RunCompleted Completed(long revision) => new() { Revision = revision, Sequence = revision, At = Start };

    public static RunFailed Failed(long revision, string code = ErrorCodes.ChecksFailed) =>
        new(code, "It failed.") { Revision = revision, Sequence = revision, At = Start };

    private static GateReview Review(string headSha) =>
        new(new PullRequestRef(1, null, "quantapilot/x/documentation"), headSha, null, "A summary.");
}
