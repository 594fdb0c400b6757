using Octokit;

namespace QuantaPilot.Integrations.GitHub;

/// <summary>Closes pull requests that others have taken the place of.</summary>
internal sealed class PullRequestCloser(GitHubClient client, GitHubRepository repository)
{
    private const string Key = "superseded";

    /// <returns>True if it was open.</returns>
    public async Task<bool> CloseAsync(int number, string comment)
    {
        var pull = await client.PullRequest.Get(repository.Owner, repository.Name, number);
        // What a person has closed or merged needs no word of ours.
        if (pull.State.Value != ItemState.Open) return false;
        // Before it is closed: a repeat after a crash in between closes it, and finds the comment.
        await new KeyedComments(client, repository).PutAsync(number, Key, comment);
        await client.PullRequest.Update(repository.Owner, repository.Name, number, new PullRequestUpdate { State = ItemState.Closed });
        return true;
    }
}
