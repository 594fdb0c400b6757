using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace QuantaPilot.Conformance.Support;

/// <summary>Sends webhooks as GitHub does.</summary>
internal static class GitHubSender
{
    /// <summary>The login whose comments are votes.</summary>
    public const string Approver = "conformance";

    /// <summary>A webhook with the server's secret.</summary>
    public static Task<Answer> SendAsync(Api api, string kind, object payload) => SendAsync(api, kind, payload, Settings.HookSecret);

    /// <param name="api">Who sends it.</param>
    /// <param name="kind">The event.</param>
    /// <param name="payload">What is told.</param>
    /// <param name="secret">What it is signed with; null for no signature.</param>
    public static Task<Answer> SendAsync(Api api, string kind, object payload, string? secret)
    {
        var body = JsonSerializer.Serialize(payload);
        var headers = new List<(string, string)> { ("X-GitHub-Event", kind), ("X-GitHub-Delivery", $"{Guid.NewGuid()}") };
        if (secret is not null) headers.Add(("X-Hub-Signature-256", Sign(body, secret)));
        return api.PostAsync("/hooks/github", body, [.. headers]);
    }

    /// <summary>A push to a branch of a repository.</summary>
    public static object Push(Remote remote, string branch, string after) => new
    {
        @ref = $"refs/heads/{branch}",
        before = new string('0', 40),
        after,
        repository = Repository(remote),
    };

    /// <summary>A comment on a pull request.</summary>
    public static object Comment(Remote remote, int number, string login, string body)
    {
        var user = new { id = 4711, login };
        return new
        {
            action = "created",
            issue = new { number, pull_request = new { url = "https://github.example/pulls/1" } },
            comment = new { id = 5, body, user, created_at = DateTimeOffset.UtcNow },
            sender = user,
            repository = Repository(remote),
        };
    }

    private static object Repository(Remote remote) => new { id = 1, full_name = "acme/sample", clone_url = remote.Url };

    private static string Sign(string body, string secret) =>
        "sha256=" + Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), Encoding.UTF8.GetBytes(body)));
}
