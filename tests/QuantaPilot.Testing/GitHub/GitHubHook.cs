using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace QuantaPilot.Testing.GitHub;

/// <summary>
/// A webhook as GitHub sends it
/// (https://docs.github.com/en/webhooks/webhook-events-and-payloads), with the members that are read and a few that nobody reads.
/// </summary>
/// <param name="Kind">The event.</param>
/// <param name="Payload">What is told.</param>
public sealed record GitHubHook(string Kind, object Payload)
{
    /// <summary>A push to a branch.</summary>
    public static GitHubHook Push(string cloneUrl, string branch, string after) => new("push", new
    {
        @ref = $"refs/heads/{branch}",
        before = new string('0', 40),
        after,
        repository = Repository(cloneUrl),
    });

    /// <summary>The end of a check of a commit.</summary>
    public static GitHubHook CheckRun(string cloneUrl, string headSha, string conclusion) => new("check_run", new
    {
        action = "completed",
        check_run = new { id = 1, name = "build", conclusion, head_sha = headSha, pull_requests = Array.Empty<int>() },
        repository = Repository(cloneUrl),
    });

    /// <summary>A comment on a pull request, just written.</summary>
    public static GitHubHook Comment(string cloneUrl, int number, string login, string body)
    {
        var user = new { id = 583_231, login };
        return new GitHubHook("issue_comment", new
        {
            action = "created",
            issue = new { number, pull_request = new { url = $"{cloneUrl}/pull/{number}" } },
            comment = new { id = 1, body, user, created_at = DateTimeOffset.UtcNow },
            sender = user,
            repository = Repository(cloneUrl),
        });
    }

    /// <summary>The request that GitHub makes.</summary>
    /// <param name="url">Where to.</param>
    /// <param name="secret">What it is signed with; null for no signature.</param>
    public HttpRequestMessage ToRequest(Uri url, string? secret)
    {
        var body = JsonSerializer.SerializeToUtf8Bytes(Payload);
        var request = new HttpRequestMessage(HttpMethod.Post, url) { Content = new ByteArrayContent(body) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        request.Headers.Add("X-GitHub-Event", Kind);
        request.Headers.Add("X-GitHub-Delivery", $"{Guid.NewGuid()}");
        if (secret is null) return request;
        var signature = HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), body);
        request.Headers.Add("X-Hub-Signature-256", $"sha256={Convert.ToHexStringLower(signature)}");
        return request;
    }

    private static object Repository(string cloneUrl) => new { id = 1_296_269, full_name = "acme/sample", clone_url = cloneUrl };
}
