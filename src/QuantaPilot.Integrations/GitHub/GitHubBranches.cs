using System.Net;
using System.Text.Json;
using Octokit;

namespace QuantaPilot.Integrations.GitHub;

/// <summary>
/// What is done to branches without a checkout. Names of branches have slashes, so each is encoded as one part of the path.
/// </summary>
internal sealed class GitHubBranches(GitHubClient client, GitHubRepository repository)
{
    private IConnection Connection => client.Connection;

    /// <summary>Deletes a branch if it stands where it is believed to.</summary>
    /// <returns>False if it was left as it is, or was not there.</returns>
    public async Task<bool> DeleteAsync(string branch, string expectedHead)
    {
        if (await FindHeadAsync(branch) != expectedHead) return false;
        try
        {
            await Connection.Delete(repository.Path("git", "refs", "heads/" + branch));
            return true;
        }
        catch (ApiException e) when (e.StatusCode is HttpStatusCode.NotFound or HttpStatusCode.UnprocessableEntity)
        {
            // Somebody else has deleted it (the repository's own setting does, for one), or a rule keeps it.
            return false;
        }
    }

    /// <summary>
    /// Puts a commit without changes on top of a branch. GitHub opens no pull request without a commit, and people have to be able
    /// to agree that there is nothing to change.
    /// </summary>
    public async Task AddEmptyCommitAsync(string branch, string message)
    {
        var head = await FindHeadAsync(branch) ?? throw new NotFoundException($"There is no branch {branch}.", HttpStatusCode.NotFound);
        var tree = (await client.Git.Commit.Get(repository.Owner, repository.Name, head)).Tree.Sha;
        var commit = await client.Git.Commit.Create(repository.Owner, repository.Name, new NewCommit(message, tree, head));
        var body = JsonSerializer.Serialize(new Dictionary<string, object> { ["sha"] = commit.Sha, ["force"] = false });
        await Connection.Patch<Reference>(repository.Path("git", "refs", "heads/" + branch), body);
    }

    private async Task<string?> FindHeadAsync(string branch)
    {
        try
        {
            var path = repository.Path("git", "ref", "heads/" + branch);
            var answer = await Connection.Get<Reference>(path, new Dictionary<string, string>());
            return answer.Body.Object.Sha;
        }
        catch (NotFoundException)
        {
            return null;
        }
    }
}
