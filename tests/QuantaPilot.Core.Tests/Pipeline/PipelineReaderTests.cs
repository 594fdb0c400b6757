using QuantaPilot.Core.Pipeline;
using QuantaPilot.Core.Ports;
using QuantaPilot.Core.Runs;

namespace QuantaPilot.Core.Tests.Pipeline;

public sealed class PipelineReaderTests
{
    [Fact]
    public void Read_VersionOnly_GivesTheDefaults()
    {
        var pipeline = Read("version: 1");
        Assert.Equal("outline", pipeline.Documentation.Agent.Type);
        Assert.Equal("docs", pipeline.Documentation.Path);
        Assert.Empty(pipeline.Milestones);
        Assert.Equal(new GateDefinition(true, 1, TimeSpan.FromDays(7), GateTimeoutAction.Pause, true), pipeline.Anchor);
        Assert.True(pipeline.Milestone.Required);
        Assert.False(pipeline.FirstMerge.Required);
        Assert.Equal(MergeMethod.Squash, pipeline.Merge);
    }

    [Fact]
    public void Read_WholeFile_GivesWhatItSays()
    {
        var pipeline = Read(
            """
            version: 1
            documentation: { agent: outline, path: documentation/set }
            agents:
              coder: { type: command, run: [bash, tools/agent.sh], timeout: 90s }
            milestones:
              - id: M-001
                title: Bootstrap
                criteria: [ "the tests pass" ]
                tasks:  [ { agent: coder, prompt: "Create the project skeleton" } ]
                checks: [ { run: [dotnet, test], timeout: 3m } ]
            gates:
              anchor:      { approvals: 2, timeout: 36h, on_timeout: reject, self_approval: false, remind: 12h }
              milestone:   { required: false }
              first-merge: { required: true, on_timeout: remind }
            merge: rebase
            """);
        Assert.Equal("documentation/set", pipeline.Documentation.Path);
        var milestone = Assert.Single(pipeline.Milestones);
        Assert.Equal(("M-001", "Bootstrap"), (milestone.Id, milestone.Title));
        Assert.Equal(["the tests pass"], milestone.Criteria);
        var task = Assert.Single(milestone.Tasks);
        Assert.Equal(["bash", "tools/agent.sh"], task.Agent.Run);
        Assert.Equal(TimeSpan.FromSeconds(90), task.Agent.Timeout);
        var check = Assert.Single(milestone.Checks);
        Assert.Equal(TimeSpan.FromMinutes(3), check.Timeout);
        var anchor = new GateDefinition(true, 2, TimeSpan.FromHours(36), GateTimeoutAction.Reject, false);
        Assert.Equal(anchor with { Remind = TimeSpan.FromHours(12) }, pipeline.Anchor);
        Assert.Null(pipeline.FirstMerge.Remind);
        Assert.False(pipeline.Milestone.Required);
        Assert.Equal((true, GateTimeoutAction.Remind), (pipeline.FirstMerge.Required, pipeline.FirstMerge.OnTimeout));
        Assert.Equal(MergeMethod.Rebase, pipeline.Merge);
    }

    [Theory]
    [InlineData("", "the file must hold one YAML document")]
    [InlineData("- a", "line 1: the file must be a mapping")]
    [InlineData("merge: squash", "version: is missing; it must be 1")]
    [InlineData("version: 2", "line 1: version: must be 1, not '2'")]
    [InlineData(
        "version: 1\nmilestone: x",
        "line 2: milestone: is unknown; accepted are agents, documentation, gates, limits, merge, milestones, version")]
    [InlineData("version: 1\nlimits: { usd: 0.001 }", "line 2: limits.usd: must be an amount from 0.01 to 1000000")]
    [InlineData("version: 1\nlimits: { tokens: many }", "limits.tokens: must be a whole number from 1 to 1000000000000, not 'many'")]
    [InlineData("version: 1\nlimits: { retries: 21 }", "limits.retries: must be a whole number from 0 to 20")]
    [InlineData("version: 1\nlimits: { euro: 1 }", "limits.euro: is unknown; accepted are duration, retries, tokens, usd")]
    [InlineData("version: 1\ngates: { anchor: { on_reject: retry } }", "gates.anchor.on_reject: must be one of fail, rework, not 'retry'")]
    [InlineData("version: 1\ngates: { first-merge: { on_reject: rework } }", "gates.first-merge.on_reject: is unknown")]
    [InlineData("version: 1\ngates: { anchor: { remind: daily } }", "gates.anchor.remind: must be a whole number and one of s, m, h, d")]
    [InlineData("version: 1\ngates: { anchor: { remind: 7d } }", "gates.anchor.remind: must be shorter than the time-out, which is 7d")]
    [InlineData("version: 1\ngates: { anchor: { timeout: 100m, remind: 59s } }", "not so short that there are more than 100 reminders")]
    [InlineData("version: 1\ngates: { anchr: {} }", "gates.anchr: is unknown; accepted are anchor, first-merge, milestone")]
    [InlineData(
        "version: 1\ngates:\n  anchor:\n    approvals: 0", "line 4: gates.anchor.approvals: must be a whole number from 1 to 20, not '0'")]
    [InlineData(
        "version: 1\ngates:\n  anchor:\n    timeout: 1w",
        "line 4: gates.anchor.timeout: must be a whole number and one of s, m, h, d, e.g. 20m or 7d, not '1w'")]
    [InlineData("version: 1\ngates: { anchor: { on_timeout: approve } }", "must be one of pause, reject, remind, not 'approve'")]
    [InlineData("version: 1\ngates: { anchor: { required: maybe } }", "must be true or false")]
    [InlineData("version: 1\ngates: [anchor]", "gates: must be a mapping, not a list")]
    [InlineData("version: 1\nmerge: octopus", "merge: must be one of squash, merge, rebase, not 'octopus'")]
    [InlineData("version: 1\ndocumentation: { path: ../docs }", "documentation.path: must be a folder relative to the root")]
    [InlineData("version: 1\ndocumentation: { path: /docs }", "documentation.path")]
    [InlineData("version: 1\ndocumentation: { path: .git/hooks }", "documentation.path")]
    [InlineData("version: 1\ndocumentation: { agent: writer }", "documentation.agent: must be one of outline, not 'writer'")]
    [InlineData("version: 1\nagents: { a: { type: human } }", "agents.a.type: must be one of outline, command, http, chat, not 'human'")]
    [InlineData(
        "version: 1\nagents: { a: { type: http } }",
        "agents.a.endpoint: is missing; it must be the name of an endpoint in the host's settings")]
    [InlineData(
        "version: 1\nagents: { a: { type: http, endpoint: 'https://x.example' } }", "agents.a.endpoint: must be the name of an endpoint")]
    [InlineData(
        "version: 1\nagents: { a: { type: command, run: [x], endpoint: e } }", "agents.a.endpoint: goes with type: http and chat only")]
    [InlineData("version: 1\nagents: { a: { type: http, endpoint: e, role: task } }", "agents.a.role: goes with type: chat only")]
    [InlineData("version: 1\nagents: { a: { type: outline, timeout: 1m } }", "agents.a.timeout: does not go with type: outline")]
    [InlineData(
        "version: 1\nagents: { a: { type: chat, role: task } }\ndocumentation: { agent: a }",
        "documentation.agent: must be one of outline, not 'a'")]
    [InlineData("version: 1\nagents: { a: { type: command } }", "agents.a.run: is missing")]
    [InlineData("version: 1\nagents: { a: { type: outline, run: [x] } }", "agents.a.run: goes with type: command only")]
    [InlineData("version: 1\nmilestones: [ { id: a/b, title: t } ]", "milestones[0].id: must be 1 to 64 letters")]
    [InlineData("version: 1\nmilestones: [ { id: documentation, title: t } ]", "milestones[0].id")]
    [InlineData("version: 1\nmilestones: [ { id: a, title: t } ]", "milestones[0].tasks: is missing")]
    [InlineData(
        "version: 1\nmilestones: [ { id: a, title: t, tasks: [ { agent: x, prompt: p } ] } ]",
        "milestones[0].tasks[0].agent: must be the name of an agent of type command, http or chat")]
    [InlineData("version: 1\nversion: 1", "line 2")]
    [InlineData("version: [", "line")]
    [InlineData("a: &x [1]\nb: *x", "line 2: aliases are not accepted")]
    public void Read_BadFile_NamesLinePathAndWhatIsAccepted(string text, string expected)
    {
        var e = Assert.Throws<StepException>(() => Read(text));
        Assert.Equal(ErrorCodes.ConfigurationInvalid, e.Code);
        Assert.StartsWith("quantapilot.yml: ", e.Message, StringComparison.Ordinal);
        Assert.Contains(expected, e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_AgentsElsewhere_GivesTheirEndpointsAndTimeouts()
    {
        var pipeline = Read(
            """
            version: 1
            documentation: { agent: architect }
            agents:
              architect: { type: chat, role: documentation }
              remote:    { type: http, endpoint: build-farm }
            milestones:
              - { id: M-001, title: Bootstrap, tasks: [ { agent: remote, prompt: "Create it" } ] }
            gates: { anchor: { on_reject: rework }, milestone: { on_reject: fail } }
            limits: { tokens: 60000, usd: 10.50, duration: 8h }
            """);
        var architect = pipeline.Documentation.Agent;
        Assert.Equal(
            ("chat", null, "documentation", TimeSpan.FromMinutes(20)),
            (architect.Type, architect.Endpoint, architect.Role, architect.Timeout));
        var remote = pipeline.Milestones[0].Tasks[0].Agent;
        Assert.Equal(("http", "build-farm", TimeSpan.FromDays(1)), (remote.Type, remote.Endpoint, remote.Timeout));
        Assert.Equal((GateRejectAction.Rework, GateRejectAction.Fail), (pipeline.Anchor.OnReject, pipeline.Milestone.OnReject));
        Assert.Equal(new LimitsDefinition(60_000, 10.50m, TimeSpan.FromHours(8), 2), pipeline.Limits);
    }

    [Fact]
    public void Read_SeveralFaults_NamesThemAll()
    {
        var e = Assert.Throws<StepException>(() => Read("version: 9\nmerge: x\nfoo: 1"));
        Assert.Contains("version:", e.Message, StringComparison.Ordinal);
        Assert.Contains("merge:", e.Message, StringComparison.Ordinal);
        Assert.Contains("foo:", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_SameMilestoneTwice_IsRefused()
    {
        const string milestone = "{ id: M, title: t, tasks: [ { agent: c, prompt: p } ] }";
        var e = Assert.Throws<StepException>(() => Read(
            $"version: 1\nagents: {{ c: {{ type: command, run: [x] }} }}\nmilestones: [ {milestone}, {milestone} ]"));
        Assert.Contains("milestones[1].id", e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(60_000)]
    [InlineData(70_000)]
    public void Read_DeeplyNested_IsRefusedWithoutHarm(int depth) =>
        Assert.Throws<StepException>(() => Read(new string('[', depth)));

    [Theory]
    [InlineData("30s", 30)]
    [InlineData("20m", 1200)]
    [InlineData("8h", 28800)]
    [InlineData("7d", 604800)]
    public void DurationText_RoundTrips(string text, int seconds)
    {
        Assert.True(DurationText.TryParse(text, out var duration));
        Assert.Equal(seconds, duration.TotalSeconds);
        Assert.Equal(text, DurationText.Format(duration));
    }

    [Theory]
    [InlineData("")]
    [InlineData("m")]
    [InlineData("0m")]
    [InlineData("-1m")]
    [InlineData("1.5h")]
    [InlineData("3651d")]
    [InlineData("99999999999d")]
    public void DurationText_Other_IsRefused(string text) => Assert.False(DurationText.TryParse(text, out _));

    private static PipelineDefinition Read(string text) => PipelineReader.Read(PipelineReader.DefaultPath, text);
}
