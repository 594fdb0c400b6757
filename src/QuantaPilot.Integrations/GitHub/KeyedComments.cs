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

        var comments = await client.Issue.Comment.GetAllForIssue(repository.Owner, repository.Name, number, new ApiOptions { PageSize = 100 });
        // At the beginning only: a comment that quotes ours is somebody else's.
        var found = comments.FirstOrDefault(comment => comment.Body?.ReplaceLineEndings("\n").StartsWith(marker, StringComparison.Ordinal) == true);
        if (found is null)
        {
            await client.Issue.Comment.Create(repository.Owner, repository.Name, number, text);
            return true;
        }
        if (found.Body.ReplaceLineEndings("\n") != text) await client.Issue.Comment.Update(repository.Owner, repository.Name, found.Id, text);
        return false;
    }
}
