using System.Text;

namespace QuantaPilot.Testing;

/// <summary>Secrets and personal data that stand nowhere else, to be looked for where they must not be.</summary>
public static class Planted
{
    public const string Address = "zora.neale@example.org";
    public const string GitHubToken = "ghp_Pl4ntedGitHubToken0123456789abcdefghij";
    /// <summary>Well-formed.</summary>
    public const string ApiToken = "qp_Pl4ntedApiToken0123456789abcdefghijklmnopqs";
    public const string Url = "https://someone:Pl4ntedPassword@example.com/org/project";

    /// <summary>One of each kind, in a text that a person might write; short enough for a reason.</summary>
    public const string Text =
        $"""
        Ask {Address} about Authorization: Bearer UGw0bnRlZEJlYXJlcg1 or {ApiToken} and {GitHubToken},
        xoxb-123456789012-Pl4ntedSlack, AKIAPLANTED234567ABC, AccountName=a;AccountKey=UGw0bnRlZEF6dXJlU3RvcmFnZUtleQ==;x=y,
        eyJhbGciOiJub25lIn0.UGw0bnRlZEp3dA0.c2lnbmF0dXJl, {Url}, Server=s;Password=Pl4ntedSql;Encrypt=true
        -----BEGIN RSA PRIVATE KEY-----
        UGw0bnRlZFByaXZhdGVLZXk
        -----END RSA PRIVATE KEY-----
        """;

    /// <summary>A milestone of an agent and a check, tools/agent.sh and check.sh, with some of them in the words.</summary>
    public const string Pipeline =
        $$"""
        version: 1
        agents:
          coder: { type: command, run: [bash, tools/agent.sh], timeout: 1m }
        milestones:
          - id: M-001
            title: "Mail {{Address}}, password=Pl4ntedSql"
            criteria: [ "{{Address}} agrees" ]
            tasks:  [ { agent: coder, prompt: "Say it" } ]
            checks: [ { run: [bash, check.sh] } ]
        """;

    /// <summary>What of each must not be found.</summary>
    public static IReadOnlyList<string> Cores => Leaks.Planted;

    /// <summary>Fails if any of them, or of <paramref name="more"/>, is there.</summary>
    public static void AssertAbsent(string where, ReadOnlySpan<byte> bytes, params ReadOnlySpan<string> more)
    {
        foreach (var core in (ReadOnlySpan<string>)[.. Cores, .. more])
        {
            var at = bytes.IndexOf(Encoding.UTF8.GetBytes(core));
            if (at < 0) continue;
            var around = bytes[Math.Max(0, at - 200)..Math.Min(bytes.Length, at + 100)];
            Assert.Fail($"'{core}' is in {where}: …{Encoding.UTF8.GetString(around)}…");
        }
    }
}
