using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace QuantaPilot.Testing.GitHub;

public sealed partial class FakeGitHubRepository
{
    private string Owner => FullName.Split('/')[0];

    internal FakeAnswer Answer(FakeRequest request) => (request.Method, request.Path) switch
    {
        ("GET", ["pulls"]) => ListPulls(request),
        ("POST", ["pulls"]) => OpenPull(request),
        ("GET", ["pulls", var number]) => Of(number, pull => FakeAnswer.Ok(Describe(pull))),
        ("PATCH", ["pulls", var number]) => Of(number, pull => Update(pull, request)),
        ("PUT", ["pulls", var number, "merge"]) => Of(number, pull => TryMerge(pull, request)),
        ("GET", ["issues", var number, "comments"]) => Of(number, pull => request.Page(pull.Comments.Select(Describe))),
        ("POST", ["issues", var number, "comments"]) => Of(number, pull => Comment(pull, request)),
        ("PATCH", ["issues", "comments", var id]) => EditComment(id, request),
        ("POST", ["issues", var number, "labels"]) => Of(number, pull => AddLabels(pull, request)),
        ("GET", ["labels", var name]) => _labels.Contains(name) ? FakeAnswer.Ok(Label(name)) : FakeAnswer.NotFound,
        ("POST", ["labels"]) => AddLabel(request),
        ("GET", ["branches", .. var branch]) => DescribeBranch(string.Join('/', branch)),
        ("GET", ["rules", "branches", ..]) => request.Page(Rules()),
        ("GET", ["commits", var sha, "status"]) => DescribeStatus(sha, request),
        ("GET", ["commits", var sha, "check-runs"]) => DescribeRuns(sha, request),
        ("GET", ["git", "ref", .. var name]) => DescribeReference(string.Join('/', name)),
        ("PATCH", ["git", "refs", .. var name]) => MoveReference(string.Join('/', name), request),
        ("DELETE", ["git", "refs", .. var name]) => DeleteReference(string.Join('/', name)),
        ("GET", ["git", "commits", var sha]) => FakeAnswer.Ok(DescribeCommit(sha)),
        ("POST", ["git", "commits"]) => AddCommit(request),
        _ => FakeAnswer.NotFound,
    };

    private FakeAnswer Of(string number, Func<FakePullRequest, FakeAnswer> answer) =>
        int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var n) && n > 0 && n <= _pullRequests.Count
            ? answer(Refresh(_pullRequests[n - 1]))
            : FakeAnswer.NotFound;

    private FakeAnswer ListPulls(FakeRequest request)
    {
        var (state, head, target) = (request.Query["state"].ToString(), request.Query["head"].ToString(), request.Query["base"].ToString());
        return request.Page(_pullRequests
            .Where(pull => state == "all" || pull.IsOpen == (state != "closed"))
            .Where(pull => head.Length == 0 || head == $"{Owner}:{pull.Head}")
            .Where(pull => target.Length == 0 || target == pull.Base)
            .Reverse().Select(pull => Refresh(pull).ToJson(Owner, Head(pull.Base)!)));
    }

    private FakeAnswer OpenPull(FakeRequest request)
    {
        var (head, target, draft) = (request.Text("head")!, request.Text("base")!, request.Body!["draft"]?.GetValue<bool>() ?? false);
        if (Head(head) is not { } headSha || Head(target) is null)
        {
            var field = Head(target) is null ? "base" : "head";
            return FakeAnswer.Refusal(
                StatusCodes.Status422UnprocessableEntity,
                "Validation Failed",
                [new JsonObject { ["resource"] = "PullRequest", ["field"] = field, ["code"] = "invalid" }]);
        }
        if (draft && !AllowsDrafts) return FakeAnswer.Invalid("PullRequest", "Draft pull requests are not supported in this repository.");
        if (_pullRequests.Exists(pull => pull.IsOpen && pull.Head == head && pull.Base == target))
            return FakeAnswer.Invalid("PullRequest", $"A pull request already exists for {Owner}:{head}.");
        if (Git.Lines("rev-list", $"{target}..{head}").Count == 0)
            return FakeAnswer.Invalid("PullRequest", $"No commits between {target} and {head}");

        var number = _pullRequests.Count + 1;
        _pullRequests.Add(new FakePullRequest
        {
            Number = number,
            Head = head,
            Base = target,
            Title = request.Text("title")!,
            Body = request.Text("body") ?? "",
            Draft = draft,
            HeadSha = headSha,
            Url = $"{Url}/pull/{number}",
        });
        return FakeAnswer.Created(Describe(_pullRequests[^1]));
    }

    private FakeAnswer Update(FakePullRequest pull, FakeRequest request)
    {
        pull.Title = request.Text("title") ?? pull.Title;
        pull.Body = request.Text("body") ?? pull.Body;
        if (request.Text("state") is { } state) pull.IsOpen = state == "open";
        return FakeAnswer.Ok(Describe(pull));
    }

    private FakeAnswer TryMerge(FakePullRequest pull, FakeRequest request)
    {
        var method = request.Text("merge_method") ?? "merge";
        if (request.Text("sha") is { } sha && sha != pull.HeadSha)
            return FakeAnswer.Refusal(StatusCodes.Status409Conflict, "Head branch was modified. Review and try the merge again.");
        var refusal = !pull.IsOpen || UnknownMergeability > 0 ? "Pull Request is not mergeable"
            : pull.Draft ? "Pull Request is still a draft"
            : !MergeMethods.Contains(method) ? $"{char.ToUpperInvariant(method[0])}{method[1..]} merges are not allowed on this repository."
            : NeedsReview ? "At least 1 approving review is required by reviewers with write access."
            : MissingCheck(pull.HeadSha) is { } check ? $"Required status check \"{check}\" is expected."
            : Merge(pull, method) is null ? "Pull Request is not mergeable"
            : null;
        return refusal is null
            ? FakeAnswer.Ok(new JsonObject { ["sha"] = pull.MergeSha, ["merged"] = true, ["message"] = "Pull Request successfully merged" })
            : FakeAnswer.Refusal(StatusCodes.Status405MethodNotAllowed, refusal);
    }

    private string? MissingCheck(string sha)
    {
        var runs = _checkRuns.Where(known => known.Sha == sha && known.Run.Conclusion is "success" or "neutral" or "skipped")
            .Select(known => known.Run.Name);
        var statuses = _statuses.Where(known => known.Sha == sha && known.Status.State == "success").Select(known => known.Status.Context);
        return RequiredChecks.Concat(RuleChecks.Select(rule => rule.Name)).Except(runs.Concat(statuses)).FirstOrDefault();
    }

    private JsonObject Describe(FakePullRequest pull)
    {
        var json = pull.ToJson(Owner, Head(pull.Base)!);
        json["merged"] = pull.MergeSha is not null;
        var unknown = pull.IsOpen && UnknownMergeability > 0;
        if (unknown) UnknownMergeability--;
        var conflicts = pull.IsOpen && !unknown && Conflicts(pull);
        json["mergeable"] = !pull.IsOpen || unknown ? null : !conflicts;
        json["mergeable_state"] = !pull.IsOpen || unknown ? "unknown"
            : conflicts ? "dirty"
            : pull.Draft ? "draft"
            : NeedsReview || MissingCheck(pull.HeadSha) is not null ? "blocked" : "clean";
        return json;
    }

    private FakeAnswer Comment(FakePullRequest pull, FakeRequest request)
    {
        pull.Comments.Add(new FakeComment { Id = ++_comments, Body = request.Text("body")! });
        return FakeAnswer.Created(Describe(pull.Comments[^1]));
    }

    private FakeAnswer EditComment(string id, FakeRequest request)
    {
        var number = long.Parse(id, CultureInfo.InvariantCulture);
        var comment = _pullRequests.SelectMany(pull => pull.Comments).FirstOrDefault(comment => comment.Id == number);
        if (comment is null) return FakeAnswer.NotFound;
        comment.Body = request.Text("body")!;
        return FakeAnswer.Ok(Describe(comment));
    }

    private FakeAnswer AddLabels(FakePullRequest pull, FakeRequest request)
    {
        foreach (var name in request.Body!["labels"]!.AsArray().Select(name => name!.GetValue<string>()))
        {
            if (!pull.Labels.Contains(name)) pull.Labels.Add(name);
            _labels.Add(name);
        }
        return FakeAnswer.Ok(new JsonArray([.. pull.Labels.Select(Label)]));
    }

    private FakeAnswer AddLabel(FakeRequest request) => _labels.Add(request.Text("name")!)
        ? FakeAnswer.Created(Label(request.Text("name")!))
        : FakeAnswer.Refusal(
            StatusCodes.Status422UnprocessableEntity,
            "Validation Failed",
            [new JsonObject { ["resource"] = "Label", ["field"] = "name", ["code"] = "already_exists" }]);

    private static JsonObject Label(string name) => new() { ["id"] = 1, ["name"] = name, ["color"] = "ededed" };

    private static JsonObject Describe(FakeComment comment) => new() { ["id"] = comment.Id, ["body"] = comment.Body };
}
