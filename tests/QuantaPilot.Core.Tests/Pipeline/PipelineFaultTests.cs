using QuantaPilot.Core.Pipeline;
using QuantaPilot.Core.Ports;

namespace QuantaPilot.Core.Tests.Pipeline;

/// <summary>Where faults are: at the value that is wrong, at the name that is unknown, at what lacks a member.</summary>
public sealed class PipelineFaultTests
{
    [Theory]
    [InlineData("version: 1\ngates:\n  anchor:\n    approvals: 0", 4, 16, "gates.anchor.approvals", "must be a whole number from 1 to 20")]
    [InlineData("version: 1\ngates: { anchor: { timeout: 1w } }", 2, 29, "gates.anchor.timeout", "must be a whole number and one of")]
    [InlineData("version: 1\n  \nmilestone: x", 3, 1, "milestone", "is unknown; accepted are agents,")]
    [InlineData("version: 1\nlimits: { euro: 1 }", 2, 11, "limits.euro", "is unknown; accepted are duration, retries, tokens, usd")]
    [InlineData("# none\n\nmerge: squash", 3, 1, "version", "is missing; it must be 1")]
    [InlineData("version: 1\nagents:\n  a:", 3, 3, "agents.a.type", "is missing")]
    [InlineData("version: 1\nagents:\n  a: { type: command }", 3, 6, "agents.a.run", "is missing")]
    [InlineData("version: 1\nagents: { a: { type: http } }", 2, 14, "agents.a.endpoint", "is missing")]
    [InlineData("version: 1\nmilestones:\n  - id: a\n    title: t", 3, 5, "milestones[0].tasks", "is missing")]
    [InlineData("version: 1\nmilestones: [ 7 ]", 2, 13, "milestones", "must be a list of at most 100 mappings")]
    [InlineData("version: 1\ndocumentation: docs", 2, 16, "documentation", "must be a mapping, not 'docs'")]
    [InlineData("- a", 1, 1, "", "the file must be a mapping")]
    [InlineData("", 1, 1, "", "the file must hold one YAML document")]
    [InlineData("version: 1\ngates: [", 3, 1, "", "")]
    [InlineData("version: 1\nversion: 1", 2, 1, "", "")]
    [InlineData("a: &x [1]\nb:   *x", 2, 6, "", "aliases are not accepted")]
    [InlineData("version: 1\n# https://user:pa55@example.com/x", 2, 1, "", "holds what looks like a secret")]
    public void Check_Fault_IsNamedAtItsPlace(string text, int line, int column, string path, string message)
    {
        var (pipeline, faults) = PipelineReader.Check(text);

        Assert.Null(pipeline);
        var fault = Assert.Single(faults);
        Assert.Equal((line, column, path), (fault.Line, fault.Column, fault.Path));
        Assert.Contains(message, fault.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("documentation: { path: \"docs\\n\" }", "documentation.path")]
    [InlineData("agents: { a: { type: http, endpoint: \"e\\n\" } }", "agents.a.endpoint")]
    public void Check_NameWithALineFeedAtItsEnd_IsRefused(string member, string path) =>
        Assert.Equal(path, Assert.Single(PipelineReader.Check($"version: 1\n{member}").Faults).Path);

    [Fact]
    public void Check_SeveralFaults_NamesEachInTheWordsOfARun()
    {
        const string text = "version: 9\nmerge: x\nfoo: 1\ngates: { anchor: { on_reject: retry } }";
        var (_, faults) = PipelineReader.Check(text);

        Assert.Equal(4, faults.Count);
        var run = Assert.Throws<StepException>(() => PipelineReader.Read("quantapilot.yml", text));
        Assert.Equal($"quantapilot.yml: {string.Join("; ", faults)}.", run.Message);
    }

    [Fact]
    public void Check_MoreFaultsThanARunNames_GivesThemAll()
    {
        var (_, faults) = PipelineReader.Check("version: 1\n" + string.Concat(Enumerable.Range(0, 300).Select(i => $"x{i}: 1\n")));

        Assert.Equal(Enumerable.Range(2, 300), faults.Select(fault => fault.Line));
    }

    [Fact]
    public void Check_AsManyFaultsAsFit_StopsAtTheBoundAndSoon()
    {
        var text = "version: 1\nagents:\n" + string.Concat(Enumerable.Range(0, 8_000).Select(i => $"  {i}:\n"));

        Assert.Equal(PipelineReader.MaxCheckFaults, PipelineReader.Check(text).Faults.Count);
    }

    [Fact]
    public void Check_SeveralAliases_NamesThemAll() =>
        Assert.Equal([2, 3], PipelineReader.Check("a: &x 1\nb: *x\nc: *x").Faults.Select(fault => fault.Line));

    [Fact]
    public void Check_ValidFile_GivesWhatARunReads()
    {
        var (pipeline, faults) = PipelineReader.Check("version: 1\nlimits: { usd: 5 }");

        Assert.Empty(faults);
        Assert.Equal(new LimitsDefinition(Usd: 5), pipeline!.Limits);
    }
}
