using System.Text.RegularExpressions;
using QuantaPilot.Api.Tests.Support;
using QuantaPilot.Core.Pipeline;
using QuantaPilot.Core.Ports;
using QuantaPilot.Testing;

namespace QuantaPilot.Api.Tests.Schemas;

/// <summary>quantapilot.schema.json against the reader of quantapilot.yml.</summary>
public sealed partial class ConfigurationSchemaTests
{
    private static readonly string _id = (string)SchemaSet.Configuration["$id"]!;

    public static TheoryData<string> Accepted() =>
    [
        .. YamlBlock().Matches(RepositoryFiles.Read("README.md")).Select(match => match.Groups[1].Value),
        RepositoryFiles.Read("src/QuantaPilot.Cli/Demo/Sample/quantapilot.yml"),
        SamplePipeline.Configuration,
        SchemaSet.Configuration["examples"]![0]!.ToJsonString(),
        "version: 1",
        "version: 1\ndocumentation: { path: a/.b/c-d_e/ }\nagents: { o: { type: outline } }\ngates: {}\nmilestones: []",
        "version: 1\ngates: { anchor: { approvals: 20, timeout: 3650d, on_timeout: remind, required: false, self_approval: false } }",
        "version: 1\ngates: { first-merge: { timeout: 87600h, on_timeout: reject } }\nmerge: rebase",
    ];

    [Theory]
    [MemberData(nameof(Accepted))]
    public void File_ThatTheReaderTakes_IsValid(string text)
    {
        PipelineReader.Read(PipelineReader.DefaultPath, text);

        Assert.Null(SchemaSet.FindFaultBy(_id, YamlText.ToJson(text)));
    }

    [Theory]
    [InlineData("[]")]
    [InlineData("merge: squash")]
    [InlineData("version: 2")]
    [InlineData("version: 1\nmilestone: x")]
    [InlineData("version: 1\nmerge: octopus")]
    [InlineData("version: 1\ngates: [anchor]")]
    [InlineData("version: 1\ngates: { anchr: {} }")]
    [InlineData("version: 1\ngates: { anchor: { approvals: 0 } }")]
    [InlineData("version: 1\ngates: { anchor: { approvals: 21 } }")]
    [InlineData("version: 1\ngates: { anchor: { approvals: 1.5 } }")]
    [InlineData("version: 1\ngates: { anchor: { timeout: 1w } }")]
    [InlineData("version: 1\ngates: { anchor: { timeout: 0m } }")]
    [InlineData("version: 1\ngates: { anchor: { timeout: 3651d } }")]
    [InlineData("version: 1\ngates: { anchor: { timeout: 1.5h } }")]
    [InlineData("version: 1\ngates: { anchor: { timeout: 99999999999s } }")]
    [InlineData("version: 1\ngates: { anchor: { on_timeout: approve } }")]
    [InlineData("version: 1\ngates: { anchor: { required: maybe } }")]
    [InlineData("version: 1\ndocumentation: { path: ../docs }")]
    [InlineData("version: 1\ndocumentation: { path: /docs }")]
    [InlineData("version: 1\ndocumentation: { path: a/.git/hooks }")]
    [InlineData("version: 1\ndocumentation: { path: a//b }")]
    [InlineData("version: 1\ngates: { anchor: { on_reject: retry } }")]
    [InlineData("version: 1\ngates: { first-merge: { on_reject: fail } }")]
    [InlineData("version: 1\nlimits: { usd: 0.001 }")]
    [InlineData("version: 1\nlimits: { usd: 0 }")]
    [InlineData("version: 1\nlimits: { tokens: 0 }")]
    [InlineData("version: 1\nlimits: { retries: 21 }")]
    [InlineData("version: 1\nlimits: { euro: 1 }")]
    [InlineData("version: 1\nagents: { a: { type: human } }")]
    [InlineData("version: 1\nagents: { a: { type: http } }")]
    [InlineData("version: 1\nagents: { a: { type: http, endpoint: 'https://x.example' } }")]
    [InlineData("version: 1\nagents: { a: { type: http, endpoint: e, role: task } }")]
    [InlineData("version: 1\nagents: { a: { type: chat, role: review } }")]
    [InlineData("version: 1\nagents: { a: { type: command, run: [x], endpoint: e } }")]
    [InlineData("version: 1\nagents: { a: { run: [x] } }")]
    [InlineData("version: 1\nagents: { a: { type: command } }")]
    [InlineData("version: 1\nagents: { a: { type: command, run: [] } }")]
    [InlineData("version: 1\nagents: { a: { type: command, run: [''] } }")]
    [InlineData("version: 1\nagents: { a: { type: outline, run: [x] } }")]
    [InlineData("version: 1\nagents: { a: { type: outline, timeout: 1m } }")]
    [InlineData("version: 1\nmilestones: [ { id: a/b, title: t } ]")]
    [InlineData("version: 1\nmilestones: [ { id: Documentation, title: t, tasks: [ { agent: x, prompt: p } ] } ]")]
    [InlineData("version: 1\nmilestones: [ { id: a, title: t } ]")]
    [InlineData("version: 1\nmilestones: [ { id: a, title: t, tasks: [] } ]")]
    [InlineData("version: 1\nmilestones: [ { id: a, title: ' ', tasks: [ { agent: x, prompt: p } ] } ]")]
    [InlineData("version: 1\nmilestones: [ { id: a, title: \"a\\nb\", tasks: [ { agent: x, prompt: p } ] } ]")]
    [InlineData("version: 1\nmilestones: [ { id: a, title: t, tasks: [ { agent: x } ] } ]")]
    [InlineData("version: 1\nmilestones: [ { id: a, title: t, tasks: [ { agent: x, prompt: p } ], checks: [ { timeout: 1m } ] } ]")]
    public void File_ThatTheReaderRefuses_IsNotValid(string text)
    {
        Assert.Throws<StepException>(() => PipelineReader.Read(PipelineReader.DefaultPath, text));

        Assert.NotNull(SchemaSet.FindFaultBy(_id, YamlText.ToJson(text)));
    }

    /// <summary>The reader itself says which members it takes where.</summary>
    [Theory]
    [InlineData("", "version: 1\nzzz: 1")]
    [InlineData("documentation", "version: 1\ndocumentation: { zzz: 1 }")]
    [InlineData("agent", "version: 1\nagents: { a: { type: command, run: [x], zzz: 1 } }")]
    [InlineData("milestone", "version: 1\nmilestones: [ { id: a, title: t, tasks: [ { agent: outline, prompt: p } ], zzz: 1 } ]")]
    [InlineData("task", "version: 1\nmilestones: [ { id: a, title: t, tasks: [ { agent: outline, prompt: p, zzz: 1 } ] } ]")]
    [InlineData("check", "version: 1\nmilestones: [ { id: a, title: t, checks: [ { run: [x], zzz: 1 } ] } ]")]
    [InlineData("gates", "version: 1\ngates: { zzz: 1 }")]
    [InlineData("gate", "version: 1\ngates: { anchor: { zzz: 1 } }")]
    public void Members_AreThoseOfTheReader(string name, string text)
    {
        var e = Assert.Throws<StepException>(() => PipelineReader.Read(PipelineReader.DefaultPath, text));

        var accepted = AcceptedMembers().Match(e.Message).Groups[1].Value.Split(", ");
        var schema = name.Length == 0 ? SchemaSet.Configuration : SchemaSet.Configuration["$defs"]![name]!;
        Assert.Equal(accepted.Order(), schema["properties"]!.AsObject().Select(member => member.Key).Order());
    }

    [GeneratedRegex("```yaml\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex YamlBlock();

    [GeneratedRegex(@"zzz: is unknown; accepted are ([a-z_, -]+)")]
    private static partial Regex AcceptedMembers();
}
