using Octokit;

namespace QuantaPilot.Integrations.GitHub;

/// <summary>Comments that are there once for each key. A comment that nobody sees at the beginning of its text holds the key.</summary>
internal sealed class KeyedComments(GitHubClient client, GitHubRepository repository)
{
    /// <summary>A little less than the 65,536 characters that GitHub takes.</summary>
    private const int MaxBody = 65_000;

    /// <returns>True if it was not there before.</returns>
    public async Task<bool> PutAsync(int number, string key, string body)
    {
        // Two hyphens would end the comment.
        var marker = $"<!-- quantapilot {Uri.EscapeDataString(key).Replace("--", "-%2D", StringComparison.Ordinal)} -->\n";
        var text = marker + body.ReplaceLineEndings("\n").Trim();
        if (text.Length > MaxBody) text = text[..(MaxBody - 1)] + "…";

        var (owner, name, api) = (repository.Owner, repository.Name, client.Issue.Comment);
        var comments = await api.GetAllForIssue(owner, name, number, new ApiOptions { PageSize = 100 });
        // At the beginning only: a comment that quotes ours is somebody else's.
        var found = comments.FirstOrDefault(comment => TextOf(comment).StartsWith(marker, StringComparison.Ordinal));
        if (found is null)
        {
            await api.Create(owner, name, number, text);
            return true;
        }
        if (TextOf(found) != text) await api.Update(owner, name, found.Id, text);
        return false;
    }

    private static string TextOf(IssueComment comment) => (comment.Body ?? "").ReplaceLineEndings("\n");
}
