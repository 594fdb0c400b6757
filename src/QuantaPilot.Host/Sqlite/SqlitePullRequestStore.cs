using QuantaPilot.Core.Ports;
using QuantaPilot.Engine.Storage;

namespace QuantaPilot.Host.Sqlite;

/// <summary>Pull requests in the host's one file.</summary>
public sealed class SqlitePullRequestStore(SqliteFile file) : IPullRequestStore
{
    private const string Columns = "SELECT number, head_branch, base_branch, title, body, merged_head_sha, merge_sha FROM pull_requests ";

    public Task<StoredPullRequest> OpenAsync(PullRequestRequest request, CancellationToken cancellationToken) => file.WriteAsync(session =>
    {
        // The first of a repository gets 1; numbers are never given away twice since rows are never deleted.
        session.Execute(
            """
            INSERT INTO pull_requests (repo_url, number, head_branch, base_branch, title, body)
            VALUES (?1, (SELECT coalesce(max(number), 0) + 1 FROM pull_requests WHERE repo_url = ?1), ?2, ?3, ?4, ?5)
            ON CONFLICT (repo_url, head_branch) DO UPDATE SET base_branch = ?3, title = ?4, body = ?5
            """,
            request.RepoUrl,
            request.HeadBranch,
            request.BaseBranch,
            request.Title,
            request.Body);
        return Find(session, request.RepoUrl, "WHERE repo_url = ?1 AND head_branch = ?2", request.HeadBranch)!;
    });

    public Task<StoredPullRequest?> GetAsync(string repoUrl, int number, CancellationToken cancellationToken) =>
        Task.FromResult(file.Read(session => Find(session, repoUrl, "WHERE repo_url = ?1 AND number = ?2", (long)number)));

    public Task SetMergeCommitAsync(string repoUrl, int number, string headSha, string mergeSha, CancellationToken cancellationToken) =>
        file.WriteAsync(session =>
        {
            var changed = session.Execute(
                "UPDATE pull_requests SET merged_head_sha = ?3, merge_sha = ?4 WHERE repo_url = ?1 AND number = ?2",
                repoUrl,
                (long)number,
                headSha,
                mergeSha);
            return changed == 1 ? changed : throw new InvalidOperationException($"There is no pull request {number} of that repository.");
        });

    private static StoredPullRequest? Find(SqliteSession session, string repoUrl, string where, object key)
    {
        using var reader = session.Query(Columns + where, repoUrl, key);
        if (!reader.Read()) return null;
        var request = new PullRequestRequest(repoUrl, reader.GetString(1), reader.GetString(2), reader.GetString(3), reader.GetString(4));
        return new StoredPullRequest(
            request, reader.GetInt32(0), reader.IsDBNull(5) ? null : reader.GetString(5), reader.IsDBNull(6) ? null : reader.GetString(6));
    }
}
