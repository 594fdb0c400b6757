using System.Globalization;
using System.Net;
using System.Text.Json;
using Octokit;
using QuantaPilot.Core.Ports;
using QuantaPilot.Core.Runs;
using OpenRequest = QuantaPilot.Core.Ports.PullRequestRequest;
using PullRequest = Octokit.PullRequest;

namespace QuantaPilot.Integrations.GitHub;

/// <summary>Opens a pull request, or brings the open one of the same branches up to date.</summary>
internal sealed class PullRequestOpener(GitHubClient client, GitHubRepository repository, OpenRequest request)
{
    /// <summary>What GitHub takes at most, in characters.</summary>
    private const int MaxTitle = 256;

    /// <summary>A little less than the 65,536 characters that GitHub takes.</summary>
    private const int MaxBody = 65_000;

    /// <summary>Grey, GitHub's own default.</summary>
    private const string LabelColor = "ededed";

    private string Owner => repository.Owner;

    private string Name => repository.Name;

    public async Task<PullRequest> OpenAsync()
    {
        var (title, body) = (Bounded(request.Title, MaxTitle), Bounded(request.Body.ReplaceLineEndings("\n"), MaxBody));
        var pull = await FindAsync();
        if (pull is null) pull = await CreateAsync(title, body);
        else if (pull.Title != title || pull.Body?.ReplaceLineEndings("\n") != body)
            pull = await client.PullRequest.Update(Owner, Name, pull.Number, new PullRequestUpdate { Title = title, Body = body });
        await LabelAsync(pull);
        return pull;
    }

    private async Task<PullRequest?> FindAsync()
    {
        var open = new Octokit.PullRequestRequest
        {
            State = ItemStateFilter.Open,
            Head = $"{Owner}:{request.HeadBranch}",
            Base = request.BaseBranch,
        };
        var page = new ApiOptions { PageSize = 100, PageCount = 1, StartPage = 1 };
        var pulls = await client.PullRequest.GetAllForRepository(Owner, Name, open, page);
        return pulls.FirstOrDefault(pull => pull.Head.Ref == request.HeadBranch && pull.Base.Ref == request.BaseBranch);
    }

    private async Task<PullRequest> CreateAsync(string title, string body)
    {
        var draft = request.Draft;
        var hasCommit = true;
        while (true)
        {
            try
            {
                var create = new NewPullRequest(title, request.HeadBranch, request.BaseBranch) { Body = body, Draft = draft };
                return await client.PullRequest.Create(Owner, Name, create);
            }
            catch (ApiException e) when (e.StatusCode == HttpStatusCode.UnprocessableEntity)
            {
                var words = GitHubFaults.Words(e);
                // Somebody was faster: a try whose answer was lost, for one.
                if (Says(words, "already exists") && await FindAsync() is { } found) return found;
                if (draft && Says(words, "draft")) draft = false;
                else if (hasCommit && Says(words, "no commits between"))
                {
                    await new GitHubBranches(client, repository).AddEmptyCommitAsync(request.HeadBranch, $"{title}: nothing to change");
                    hasCommit = false;
                }
                else throw Refused(e, words);
            }
        }
    }

    private StepException Refused(ApiException e, string words)
    {
        var missing = Says(words, "base invalid") ? request.BaseBranch : Says(words, "head invalid") ? request.HeadBranch : null;
        return missing is null
            ? new StepException(ErrorCodes.PullRequestRefused, $"{repository.Url} refused the pull request: {words}", inner: e)
            : new StepException(ErrorCodes.BranchNotFound, $"{repository.Url} has no branch '{missing}'.", inner: e);
    }

    private async Task LabelAsync(PullRequest pull)
    {
        var missing = (request.Labels ?? []).Except(pull.Labels.Select(label => label.Name), StringComparer.OrdinalIgnoreCase).ToList();
        if (missing.Count == 0) return;
        foreach (var label in missing) await EnsureLabelAsync(label);
        // Octokit sends a bare list, which GitHub's description does not allow any more.
        var path = repository.Path("issues", pull.Number.ToString(CultureInfo.InvariantCulture), "labels");
        var body = JsonSerializer.Serialize(new Dictionary<string, List<string>> { ["labels"] = missing });
        await client.Connection.Post<List<Label>>(path, body, GitHubTransport.Json, GitHubTransport.Json);
    }

    private async Task EnsureLabelAsync(string label)
    {
        try
        {
            await client.Issue.Labels.Get(Owner, Name, label);
            return;
        }
        catch (NotFoundException)
        {
            // It is made now.
        }
        try
        {
            await client.Issue.Labels.Create(Owner, Name, new NewLabel(label, LabelColor));
        }
        catch (ApiValidationException e) when (GitHubFaults.Words(e).Contains("already_exists", StringComparison.Ordinal))
        {
            // Another run was faster.
        }
    }

    private static bool Says(string words, string what) => words.Contains(what, StringComparison.OrdinalIgnoreCase);

    private static string Bounded(string text, int length) => text.Length <= length ? text : text[..(length - 1)] + "…";
}
