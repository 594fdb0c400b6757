using QuantaPilot.Api.Tests.Support;
using QuantaPilot.Core.Pipeline;

namespace QuantaPilot.Api.Tests.Schemas;

/// <summary>
/// Editors go by quantapilot.schema.json, runs by the reader: what one takes the other must take. Left out is what a schema
/// can't say (names of agents, ids that repeat, a reminder against its time-out), numbers where a text is wanted, and white space
/// beyond ASCII, which patterns take differently in each language.
/// </summary>
public sealed class ConfigurationAgreementTests
{
    private const string Hole = "$";
    private const string Task = "{ agent: c, prompt: p }";

    private static readonly string _id = (string)SchemaSet.Configuration["$id"]!;

    private static readonly string[] _values =
    [
        "0", "1", "-1", "2", "20", "21", "1.5", "0.01", "0.001", "10.50", "1000000", "1000000.01", "1000001",
        "1000000000000", "1000000000001",
        "true", "false", "yes", "''", "x", "1d", "0d", "90s", "3650d", "3651d", "1w", "1.5h", "[]", "{}", "[ x ]", "{ x: 1 }",
        "{ type: outline }",
        "squash", "merge", "rebase", "pause", "reject", "remind", "fail", "rework", "documentation", "task", "build-farm",
    ];

    private static readonly string[] _texts =
    [
        "''", "' '", "'docs'", "'Docs/a_b-c.d/'", "'/docs'", "'a//b'", "'../x'", "'a/./b'", "'.git'", "'a/.GIT/b'", "'.github'",
        "'a b'", "'ü'",
        "'_a'", "'-a'", "'a-'", "'Documentation'", "'documentation2'", "\"a\\nb\"", "\"\\t\"", "' x '",
        Repeat(64), Repeat(65), Repeat(200), Repeat(201), Repeat(8_000), Repeat(8_001),
    ];

    public static TheoryData<string> ValueMembers() =>
    [
        "version: $",
        "version: 1\nmerge: $",
        .. from gate in new[] { "anchor", "milestone", "first-merge" }
           from member in new[] { "required", "approvals", "timeout", "on_timeout", "self_approval", "on_reject" }
           where (gate, member) != ("first-merge", "on_reject")
           select $"version: 1\ngates: {{ {gate}: {{ {member}: $ }} }}",
        .. new[] { "tokens", "usd", "duration", "retries" }.Select(member => $"version: 1\nlimits: {{ {member}: $ }}"),
        .. new[] { "agents", "gates", "limits", "documentation", "milestones" }.Select(member => $"version: 1\n{member}: $"),
        "version: 1\nagents: { a: $ }",
        "version: 1\nagents: { a: { type: chat, role: $ } }",
        "version: 1\nagents: { a: { type: command, run: $ } }",
        "version: 1\nagents: { a: { type: http, endpoint: e, timeout: $ } }",
        Milestone("checks: $"),
        Milestone("checks: [ { run: [x], timeout: $ } ]"),
        Milestone("checks: [ { run: $ } ]"),
        Milestone("criteria: $"),
    ];

    public static TheoryData<string> TextMembers() =>
    [
        "version: 1\ndocumentation: { path: $ }",
        "version: 1\nagents: { a: { type: http, endpoint: $ } }",
        "version: 1\nagents: { a: { type: command, run: [ $ ] } }",
        $"version: 1\nagents: {{ c: {{ type: command, run: [x] }} }}\nmilestones: [ {{ id: $, title: t, tasks: [ {Task} ] }} ]",
        $"version: 1\nagents: {{ c: {{ type: command, run: [x] }} }}\nmilestones: [ {{ id: M, title: $, tasks: [ {Task} ] }} ]",
        "version: 1\nagents: { c: { type: command, run: [x] } }\nmilestones: [ { id: M, title: t, tasks: [ { agent: c, prompt: $ } ] } ]",
        Milestone("criteria: [ $ ]"),
        Milestone("checks: [ { run: [ x, $ ] } ]"),
    ];

    [Theory]
    [MemberData(nameof(ValueMembers))]
    public void Value_OfAMember_IsTakenByBothOrNeither(string template) => AssertAgree(template, _values);

    [Theory]
    [MemberData(nameof(TextMembers))]
    public void Text_OfAMember_IsTakenByBothOrNeither(string template) => AssertAgree(template, _texts);

    [Theory]
    [InlineData("outline", 1)]
    [InlineData("command", 2)]
    [InlineData("http", 2)]
    [InlineData("chat", 8)]
    public void Agent_WithAnyOfItsMembers_IsTakenByBothOrNeither(string type, int accepted)
    {
        string[] members = ["run: [x]", "endpoint: e", "role: task", "timeout: 5m"];
        var files = Enumerable.Range(0, 1 << members.Length)
            .Select(bits => members.Where((_, i) => (bits & (1 << i)) != 0))
            .Select(some => $"version: 1\nagents: {{ a: {{ {string.Join(", ", some.Prepend($"type: {type}"))} }} }}")
            .ToList();

        Assert.DoesNotContain(files, Disagree);
        Assert.Equal(accepted, files.Count(ReaderTakes));
    }

    [Theory]
    [InlineData(50, 50, 50, true)]
    [InlineData(51, 1, 1, false)]
    [InlineData(1, 51, 1, false)]
    [InlineData(1, 1, 51, false)]
    [InlineData(1, 0, 1, false)]
    public void Lists_UpToTheirLengths_AreTakenByBoth(int criteria, int tasks, int checks, bool taken)
    {
        var file = "version: 1\nagents: { c: { type: command, run: [x] } }\nmilestones: [ { id: M, title: t, "
            + $"criteria: [ {Many("c", criteria)} ], tasks: [ {Many(Task, tasks)} ], checks: [ {Many("{ run: [x] }", checks)} ] }} ]";

        Assert.Equal((taken, taken), (ReaderTakes(file), SchemaTakes(file)));
    }

    private static void AssertAgree(string template, string[] values)
    {
        var files = values.Select(value => template.Replace(Hole, value, StringComparison.Ordinal)).ToList();

        Assert.DoesNotContain(files, Disagree);
        // A template that can be filled in no way would show nothing.
        Assert.Contains(files, ReaderTakes);
    }

    private static bool Disagree(string file) => ReaderTakes(file) != SchemaTakes(file);

    private static bool ReaderTakes(string file) => PipelineReader.Check(file).Pipeline is not null;

    private static bool SchemaTakes(string file) => SchemaSet.FindFaultBy(_id, YamlText.ToJson(file)) is null;

    private static string Milestone(string member) =>
        $"version: 1\nagents: {{ c: {{ type: command, run: [x] }} }}\nmilestones: [ {{ id: M, title: t, tasks: [ {Task} ], {member} }} ]";

    private static string Many(string item, int count) => string.Join(", ", Enumerable.Repeat(item, count));

    private static string Repeat(int length) => $"'{new string('a', length)}'";
}
