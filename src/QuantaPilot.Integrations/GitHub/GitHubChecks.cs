using System.Globalization;
using Octokit;
using QuantaPilot.Core.Ports;

namespace QuantaPilot.Integrations.GitHub;

/// <summary>
/// Where the checks of a commit stand: check runs and commit statuses. Where rules of the branch say which are required, those count,
/// and one of them that has not begun is pending; else all that there are.
/// </summary>
internal sealed class GitHubChecks(GitHubClient client, GitHubRepository repository)
{
    private const int PageSize = 100;

    /// <summary>GitHub itself lists at most 1,000 check suites for a commit.</summary>
    private const int MaxPages = 50;

    private const int MaxSummary = 2_000;

    public async Task<CheckReport> ReadAsync(int number, string headSha)
    {
        var pull = await client.PullRequest.Get(repository.Owner, repository.Name, number);
        var required = await FindRequiredAsync(pull.Base.Ref);
        var found = await FindAllAsync(headSha);
        return required.Count == 0 ? Report(found, []) : Report(
            [.. found.Where(check => required.Any(need => need.IsMetBy(check)))],
            required.Where(need => !found.Any(need.IsMetBy)).Select(need => need.Name));
    }

    private static CheckReport Report(IReadOnlyList<FoundCheck> checks, IEnumerable<string> missing)
    {
        var pending = checks.Where(check => check.State == CheckState.Pending).Select(check => check.Name)
            .Concat(missing).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).ToList();
        var failed = checks.Where(check => check.State == CheckState.Failed)
            .OrderBy(check => check.Name, StringComparer.Ordinal)
            .Select(check => new FailedCheck(check.Name, check.Summary, check.Url)).ToList();
        var state = failed.Count > 0 ? CheckState.Failed
            : pending.Count > 0 ? CheckState.Pending
            : checks.Count > 0 ? CheckState.Succeeded : CheckState.None;
        return new CheckReport(state, pending, failed);
    }

    /// <summary>What branch protection and rulesets ask for. Both can be read by whoever can read the repository.</summary>
    private async Task<IReadOnlyList<RequiredCheck>> FindRequiredAsync(string branch)
    {
        var protection = await FindAsync<ProtectedBranch>(repository.Path("branches", branch), 1);
        var required = protection?.Protection?.RequiredStatusChecks is { EnforcementLevel: not "off" } enforced ? enforced : null;
        var byProtection = required?.Checks?.Select(check => new RequiredCheck(check.Context, check.AppId))
            ?? required?.Contexts?.Select(context => new RequiredCheck(context, null))
            ?? [];

        var rules = new List<BranchRule>();
        for (var page = 1; page <= MaxPages; page++)
        {
            // Servers from before rulesets answer 404.
            var some = await FindAsync<List<BranchRule>>(repository.Path("rules", "branches", branch), page) ?? [];
            rules.AddRange(some);
            if (some.Count < PageSize) break;
        }
        var byRules = rules.Where(rule => rule.Type == "required_status_checks")
            .SelectMany(rule => rule.Parameters?.RequiredStatusChecks ?? [])
            .Select(check => new RequiredCheck(check.Context, check.IntegrationId));
        return [.. byProtection.Concat(byRules).Distinct()];
    }

    private async Task<IReadOnlyList<FoundCheck>> FindAllAsync(string sha)
    {
        var checks = new List<FoundCheck>();
        for (var page = 1; page <= MaxPages; page++)
        {
            var runs = (await FindAsync<CheckRunPage>(repository.Path("commits", sha, "check-runs"), page))?.CheckRuns ?? [];
            checks.AddRange(runs.Select(run => new FoundCheck(
                run.Name, StateOf(run), Summary(run.Output?.Title, run.Output?.Summary), run.HtmlUrl ?? run.DetailsUrl, run.App?.Id)));
            if (runs.Count < PageSize) break;
        }
        for (var page = 1; page <= MaxPages; page++)
        {
            var statuses = (await FindAsync<StatusPage>(repository.Path("commits", sha, "status"), page))?.Statuses ?? [];
            checks.AddRange(statuses.Select(status => new FoundCheck(
                status.Context, StateOf(status.State), Summary(status.Description), status.TargetUrl, null)));
            if (statuses.Count < PageSize) break;
        }
        return checks;
    }

    private async Task<T?> FindAsync<T>(Uri uri, int page)
        where T : class
    {
        try
        {
            var parameters = new Dictionary<string, string>
            {
                ["per_page"] = PageSize.ToString(CultureInfo.InvariantCulture),
                ["page"] = page.ToString(CultureInfo.InvariantCulture),
            };
            return (await client.Connection.Get<T>(uri, parameters)).Body;
        }
        catch (NotFoundException)
        {
            return null;
        }
    }

    private static CheckState StateOf(CheckRunItem run) => run.Status != "completed" ? CheckState.Pending : run.Conclusion switch
    {
        "success" or "neutral" or "skipped" => CheckState.Succeeded,
        // Of those that failed, stale ones too: GitHub gave up on them after two weeks.
        _ => CheckState.Failed,
    };

    private static CheckState StateOf(string? status) => status switch
    {
        "success" => CheckState.Succeeded,
        "pending" => CheckState.Pending,
        _ => CheckState.Failed,
    };

    private static string? Summary(params string?[] parts)
    {
        var given = parts.Where(part => !string.IsNullOrWhiteSpace(part)).Select(part => part!.ReplaceLineEndings("\n").Trim());
        var text = string.Join('\n', given);
        var clean = string.Concat(text.Where(c => c == '\n' || !char.IsControl(c)));
        return clean.Length == 0 ? null : clean.Length <= MaxSummary ? clean : clean[..MaxSummary] + "…";
    }

    private sealed record FoundCheck(string Name, CheckState State, string? Summary, string? Url, long? AppId);

    /// <param name="Name">Of a check run or a status.</param>
    /// <param name="AppId">The App that must have run it; null or -1 for any.</param>
    private sealed record RequiredCheck(string Name, long? AppId)
    {
        /// <summary>Statuses don't say which App they are from.</summary>
        public bool IsMetBy(FoundCheck check) => check.Name == Name && (AppId is null or -1 || check.AppId is null || check.AppId == AppId);
    }
}
