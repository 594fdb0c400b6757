using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using QuantaPilot.Api.Hooks;

namespace QuantaPilot.Api.Tests.Hooks;

/// <summary>Sends webhooks as GitHub does: signed, with its headers, and with members that nobody reads.</summary>
internal static class GitHubSender
{
    public const string Secret = "It's a Secret to Everybody";
    public const string FormerSecret = "the secret that was set before";
    public const string Project = "https://example.com/org/project";

    public static readonly GitHubHookOptions Options = new()
    {
        Secrets = [Secret, FormerSecret],
        Approvers = [new("olga", "*"), new("Octocat", "https://example.com/org/*"), new("elsewhere", "https://example.com/other/*")],
    };

    public static HttpRequestMessage Request(string kind, string body, string? secret = Secret, string contentType = "application/json")
    {
        var request = new HttpRequestMessage(HttpMethod.Post, "/hooks/github")
        {
            Content = new ByteArrayContent(Encoding.UTF8.GetBytes(body)),
        };
        request.Content.Headers.ContentType = MediaTypeHeaderValue.Parse(contentType);
        SignAs(request, kind, body, secret);
        return request;
    }

    /// <summary>Gives a request the headers that GitHub's have.</summary>
    public static void SignAs(HttpRequestMessage request, string kind, string body, string? secret = Secret)
    {
        request.Headers.Add("X-GitHub-Event", kind);
        request.Headers.Add("X-GitHub-Delivery", Guid.NewGuid().ToString());
        if (secret is not null) request.Headers.Add("X-Hub-Signature-256", Sign(body, secret));
    }

    public static string Sign(string body, string secret = Secret) => Sign(Encoding.UTF8.GetBytes(body), secret);

    public static string Sign(byte[] body, string secret = Secret) =>
        "sha256=" + Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), body));

    public static string CheckRun(string headSha, int? number = null, string action = "completed")
    {
        var pullRequests = number is null ? "" : $$"""{"id":3,"number":{{number}} }""";
        return Event(
            $$"""
            "action":"{{action}}","check_run":{"id":1,"name":"build","status":"completed","conclusion":"success","head_sha":"{{headSha}}",
              "check_suite":{"id":2,"head_branch":null,"head_sha":"{{headSha}}","pull_requests":[]},
              "pull_requests":[{{pullRequests}}]}
            """);
    }

    public static string CheckSuite(string branch, string headSha) => Event(
        $$"""
        "action":"completed","check_suite":{"id":2,"head_branch":"{{branch}}","head_sha":"{{headSha}}","pull_requests":[]}
        """);

    public static string Status(string headSha, string state, string? branch = null)
    {
        var branches = branch is null ? "" : $$"""{"name":"{{branch}}"}""";
        return Event(
            $$"""
            "id":1,"sha":"{{headSha}}","state":"{{state}}","context":"ci/build","branches":[{{branches}}]
            """);
    }

    public static string Push(string branch, string after) => Event(
        $$"""
        "ref":"refs/heads/{{branch}}","before":"{{new string('0', 40)}}","after":"{{after}}","deleted":false,"commits":[]
        """);

    public static string PullRequest(int number, string headSha, string action) => Event(
        $$"""
        "action":"{{action}}","number":{{number}},
          "pull_request":{"head":{"ref":"some-branch","sha":"{{headSha}}"},"number":{{number}},"state":"open" }
        """);

    public static string Comment(
        string text,
        string login = "octocat",
        int number = 1,
        int id = 5,
        string action = "created",
        int? senderId = null,
        bool onIssue = false,
        string createdAt = "2026-01-01T00:00:00Z")
    {
        var user = login.Sum(c => c);
        var body = System.Text.Json.JsonSerializer.Serialize(text);
        var link = onIssue ? "" : ""","pull_request":{"url":"https://example.com/x"}""";
        return Event(
            $$"""
            "action":"{{action}}","issue":{"number":{{number}},"title":"Documentation"{{link}}},
              "comment":{"id":{{id}},"body":{{body}},"user":{"id":{{user}},"login":"{{login}}"},"created_at":"{{createdAt}}"},
              "sender":{"id":{{senderId ?? user}},"login":"{{login}}"}
            """);
    }

    private static string Event(string members) =>
        $$"""
        {
          {{members}},
          "repository": {"id":1296269,"full_name":"org/project","clone_url":"{{Project}}.git","html_url":"{{Project}}"},
          "installation": {"id":7}
        }
        """;
}
