using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace QuantaPilot.Testing.GitHub;

public sealed partial class FakeGitHubRepository
{
    private FakeAnswer DescribeBranch(string name)
    {
        if (Head(name) is not { } sha) return FakeAnswer.NotFound;
        var protection = new JsonObject
        {
            ["enabled"] = RequiredChecks.Count > 0,
            ["required_status_checks"] = new JsonObject
            {
                ["enforcement_level"] = RequiredChecks.Count > 0 ? "everyone" : "off",
                ["contexts"] = new JsonArray([.. RequiredChecks.Select(check => JsonValue.Create(check))]),
                ["checks"] = new JsonArray([.. RequiredChecks.Select(check => new JsonObject { ["context"] = check, ["app_id"] = null })]),
            },
        };
        return FakeAnswer.Ok(new JsonObject
        {
            ["name"] = name,
            ["commit"] = new JsonObject { ["sha"] = sha },
            ["protected"] = RequiredChecks.Count > 0,
            ["protection"] = protection,
        });
    }

    private IEnumerable<JsonNode> Rules()
    {
        if (NeedsReview) yield return new JsonObject { ["type"] = "pull_request", ["parameters"] = new JsonObject() };
        if (RuleChecks.Count == 0) yield break;
        var checks = RuleChecks.Select(rule => new JsonObject { ["context"] = rule.Name, ["integration_id"] = rule.AppId });
        yield return new JsonObject
        {
            ["type"] = "required_status_checks",
            ["parameters"] = new JsonObject { ["required_status_checks"] = new JsonArray([.. checks]) },
        };
    }

    private FakeAnswer DescribeStatus(string sha, FakeRequest request)
    {
        var statuses = _statuses.Where(known => known.Sha == sha).Select(known => known.Status).ToList();
        var items = statuses.Select(status => new JsonObject
        {
            ["context"] = status.Context,
            ["state"] = status.State,
            ["description"] = status.Description,
            ["target_url"] = $"https://ci.example.com/{status.Context}",
        });
        return request.Page(items, page => new JsonObject
        {
            ["state"] = "pending",
            ["sha"] = sha,
            ["total_count"] = statuses.Count,
            ["statuses"] = page,
        });
    }

    private FakeAnswer DescribeRuns(string sha, FakeRequest request)
    {
        var runs = _checkRuns.Where(known => known.Sha == sha).Select(known => known.Run).ToList();
        if (CheckOfAll is { } check) runs.Add(check);
        var items = runs.Select(run => new JsonObject
        {
            ["name"] = run.Name,
            ["status"] = run.Conclusion is null ? "in_progress" : "completed",
            ["conclusion"] = run.Conclusion,
            ["html_url"] = $"{Url}/runs/{Uri.EscapeDataString(run.Name)}",
            ["details_url"] = $"https://ci.example.com/{Uri.EscapeDataString(run.Name)}",
            ["output"] = new JsonObject { ["title"] = null, ["summary"] = run.Summary },
            ["app"] = new JsonObject { ["id"] = run.AppId, ["slug"] = "ci" },
        });
        return request.Page(items, page => new JsonObject { ["total_count"] = runs.Count, ["check_runs"] = page });
    }

    private FakeAnswer DescribeReference(string name) => FindReference(name) is { } sha
        ? FakeAnswer.Ok(new JsonObject { ["ref"] = "refs/" + name, ["object"] = new JsonObject { ["sha"] = sha, ["type"] = "commit" } })
        : FakeAnswer.NotFound;

    private FakeAnswer MoveReference(string name, FakeRequest request)
    {
        if (FindReference(name) is not { } old) return NoReference();
        Git.Git("update-ref", "refs/" + name, request.Text("sha")!, old);
        return DescribeReference(name);
    }

    private FakeAnswer DeleteReference(string name)
    {
        if (FindReference(name) is null) return NoReference();
        foreach (var pull in _pullRequests.Where(pull => $"heads/{pull.Head}" == name)) Refresh(pull).IsOpen = false;
        Git.Git("update-ref", "-d", "refs/" + name);
        return new FakeAnswer(StatusCodes.Status204NoContent, null);
    }

    private JsonObject DescribeCommit(string sha) => new()
    {
        ["sha"] = sha,
        ["tree"] = new JsonObject { ["sha"] = Git.Git("rev-parse", $"{sha}^{{tree}}") },
        ["message"] = Git.Git("log", "-1", "--format=%B", sha),
    };

    private FakeAnswer AddCommit(FakeRequest request)
    {
        var parents = request.Body!["parents"]!.AsArray().SelectMany(parent => new[] { "-p", parent!.GetValue<string>() });
        var sha = Git.Git(["commit-tree", request.Text("tree")!, .. parents, "-m", request.Text("message")!]);
        return FakeAnswer.Created(DescribeCommit(sha));
    }

    private static FakeAnswer NoReference() => FakeAnswer.Refusal(StatusCodes.Status422UnprocessableEntity, "Reference does not exist");
}
