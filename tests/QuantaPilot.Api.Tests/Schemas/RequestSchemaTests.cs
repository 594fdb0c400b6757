using System.Text.Json;

namespace QuantaPilot.Api.Tests.Schemas;

/// <summary>What the API refuses in a body, its schema refuses too.</summary>
public sealed class RequestSchemaTests
{
    private static readonly Dictionary<string, string> _schemas = new()
    {
        ["/run"] = "run_request",
        ["/runs/RUN/gates/anchor"] = "decision_request",
        ["/gates:decide"] = "batch_decision_request",
        ["/runs/RUN/pause"] = "control_request",
        ["/runs/RUN/cancel"] = "control_request",
        ["/runs/RUN/resume"] = "resume_request",
        ["/runs/RUN/retry"] = "retry_request",
    };

    public static TheoryData<string, string> RefusedBodies()
    {
        var data = new TheoryData<string, string>();
        foreach (var row in BadInputTests.BadMembers())
        {
            var (path, body) = ((string)row[0], (string)row[1]);
            if (CanBeSaidInASchema(body)) data.Add(_schemas[path], body);
        }
        return data;
    }

    [Theory]
    [MemberData(nameof(RefusedBodies))]
    public void Body_ThatTheApiRefuses_IsNotValid(string schema, string body) => Assert.NotNull(SchemaSet.FindFault(schema, body));

    [Theory]
    [InlineData("run_request", """{"repo_url":"HTTPS://Example.com:443/org/project.git/","branch":"feature/a-b_c.d@e{f}"}""")]
    [InlineData("run_request", """{"repo_url":"file:///srv/git/a@b","branch":"main","quantapilot_yaml_path":".ci/..x/qp.yaml"}""")]
    [InlineData("run_request", """{"repo_url":"https://[::1]/p","branch":"m","correlation_id":"123E4567-e89b-12d3-a456-426614174000"}""")]
    [InlineData("decision_request", """{"approved":false,"reason":"two\nlines\tand a tab"}""")]
    [InlineData("decision_request", """{"approved":true,"head_sha":"4b825dc642cb6eb9a060e54bf8d69288fbee4904"}""")]
    [InlineData("control_request", "{}")]
    [InlineData("resume_request", "{}")]
    [InlineData("retry_request", "{}")]
    [InlineData("resume_request", """{"limits":{"tokens":1,"usd":0.01,"duration":"12h"}}""")]
    [InlineData("resume_request", """{"limits":{}}""")]
    [InlineData("resume_request", """{"limits":{"hours":8}}""", false)]
    [InlineData("token_request", """{"name":"Zoë O. (no","roles":["approver"]}""", false)]
    [InlineData("token_request", """{"name":"Zoë 2+ci@x.y","roles":["approver","consumer"],"projects":["*"]}""")]
    [InlineData("token_request", """{"name":"-x","roles":["approver"]}""", false)]
    [InlineData("token_request", """{"name":"x","roles":[]}""", false)]
    [InlineData("token_request", """{"name":"x","roles":["approver","approver"]}""", false)]
    [InlineData("token_request", """{"name":"x","roles":["approver"],"projects":["ssh://x"]}""", false)]
    [InlineData("token_request", """{"name":"x","roles":["approver"],"expires_at":"tomorrow"}""", false)]
    public void Body_IsValidAsTheApiTakesIt(string schema, string body, bool valid = true) =>
        Assert.Equal(valid, SchemaSet.FindFault(schema, body) is null);

    /// <summary>Members that are there twice, and dots behind escapes, are beyond a schema.</summary>
    private static bool CanBeSaidInASchema(string body)
    {
        using var document = JsonDocument.Parse(body);
        var twice = document.RootElement.EnumerateObject().GroupBy(member => member.Name).Any(group => group.Count() > 1);
        return !twice && !body.Contains("%2e", StringComparison.Ordinal);
    }
}
