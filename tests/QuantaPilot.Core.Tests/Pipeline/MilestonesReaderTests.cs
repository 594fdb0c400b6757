using QuantaPilot.Core.Pipeline;
using QuantaPilot.Core.Ports;
using QuantaPilot.Core.Runs;

namespace QuantaPilot.Core.Tests.Pipeline;

public sealed class MilestonesReaderTests
{
    private const string Document =
        """
        ---
        id: 30_milestones
        title: Milestones
        ---

        # Milestones

        ## Where it stands

        - [ ] no milestone's criterion

        ## M-001: Bootstrap

        What it is about.

        - [ ] the tests pass
        - [x] the README says how
              to start it
        - a plain item is for readers

        agent: coder

        ### Tasks

        1. Create the project skeleton
        2. Write the first tests

           ```csharp
           // as here
           ```

        ### Checks

        - `dotnet test`
        - `bash tools/check.sh --all` (timeout: 15m)

        ### Notes

        - not a task

        ## M-002 – Release #

        - [X] done

        ### Tasks

        - Tag it

        ## M-003 Announce

        ### Criteria

        * [ ] everybody knows

        ### Tasks

        * Write to all
        """;

    private static readonly AgentDefinition _coder = new("coder", AgentDefinition.CommandType, ["make"], null);
    private static readonly AgentDefinition _writer = new("writer", AgentDefinition.ChatType, null, null);

    [Fact]
    public void Read_Plan_GivesTheMilestonesThatAreNotDone()
    {
        var milestones = MilestonesReader.Read(Source(_coder), Document);

        Assert.Equal(["M-001 Bootstrap", "M-003 Announce"], milestones.Select(m => $"{m.Id} {m.Title}"));
        var first = milestones[0];
        Assert.Equal(["the tests pass", "the README says how to start it"], first.Criteria);
        Assert.Equal(
            ["Create the project skeleton", "Write the first tests\n\n```csharp\n// as here\n```"],
            first.Tasks.Select(task => task.Prompt));
        Assert.All(milestones.SelectMany(m => m.Tasks), task => Assert.Same(_coder, task.Agent));
        Assert.Equal([["dotnet", "test"], ["bash", "tools/check.sh", "--all"]], first.Checks.Select(check => check.Run));
        Assert.Equal([TimeSpan.FromMinutes(10), TimeSpan.FromMinutes(15)], first.Checks.Select(check => check.Timeout));
        Assert.Equal(["everybody knows"], milestones[1].Criteria);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("# Milestones\n\n## Planned in the repository\n\nNeither a plan nor a road map was found.\n")]
    [InlineData("## M-001: Bootstrap\n\n- [ ] the tests pass\n")]
    [InlineData("## Bootstrap\n\n### Tasks\n\n- one\n")]
    [InlineData("## M-001: Bootstrap\n\n```markdown\n### Tasks\n```\n")]
    [InlineData("### Tasks\n\n- one\n")]
    public void Read_NoTasksBelowAMilestone_IsNoPlan(string? text) => Assert.Empty(MilestonesReader.Read(Source(), text));

    [Theory]
    [InlineData("## M-1: A\n### Tasks\n", "line 1: M-1: a milestone needs a heading '### Tasks' with a list of at least one task below it")]
    [InlineData("## M-1: A\n### Tasks\n- a\n## M-2: B\n", "line 4: M-2: a milestone needs a heading")]
    [InlineData("## M-1: A\n### Tasks\n- a\n## m-1: B\n### Tasks\n- b\n", "line 4: m-1: a milestone's id must be unique")]
    [InlineData(
        "## M-1: A\n### Tasks\n- a\n### Check\n- `x`\n", "line 4: M-1: below a milestone the headings Criteria, Tasks, Checks and Notes")]
    [InlineData(
        "## M-1: A\n### Tasks\n- a\n### Checks\n- dotnet test\n", "line 5: M-1: a check must be one program with its arguments as `code`")]
    [InlineData("## M-1: A\n### Tasks\n- a\n### Checks\n- `a && b`\n", "line 5: M-1: a check is split at spaces")]
    [InlineData(
        "## M-1: A\n### Tasks\n- a\n### Checks\n- `a` (timeout: soon)\n",
        "line 5: M-1: timeout must be a whole number and one of s, m, h, d")]
    [InlineData(
        "## M-1: A\nagent: nobody\n### Tasks\n- a\n",
        "line 2: M-1: agent must name an agent of quantapilot.yml that takes tasks: there are coder, not 'nobody'")]
    [InlineData("## M-1: A\nagent: coder\nagent: coder\n### Tasks\n- a\n", "line 3: M-1: a milestone has one agent")]
    [InlineData("## M-1: A\n### Tasks\n- use ghp_0123456789abcdefghijABCDEFGHIJ456789\n", "line 3: holds what looks like a secret")]
    public void Read_PlanAtFault_NamesTheLine(string text, string fault)
    {
        var error = Assert.Throws<StepException>(() => MilestonesReader.Read(Source(_coder), text));

        Assert.Equal(ErrorCodes.ConfigurationInvalid, error.Code);
        Assert.StartsWith("docs/30_milestones.md: ", error.Message, StringComparison.Ordinal);
        Assert.Contains(fault, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_SeveralAgentsAndNoneNamed_AsksForOne()
    {
        var error = Assert.Throws<StepException>(() => MilestonesReader.Read(Source(_coder, _writer), "## M-1: A\n### Tasks\n- a\n"));

        Assert.Contains("line 1: M-1: the milestone needs a line 'agent: NAME'", error.Message, StringComparison.Ordinal);
        Assert.Contains("there are coder, writer", error.Message, StringComparison.Ordinal);
        var named = MilestonesReader.Read(Source(_coder, _writer), "## M-1: A\n\nAgent: `writer`\n\n### Tasks\n- a\n");
        Assert.Same(_writer, named[0].Tasks[0].Agent);
    }

    [Fact]
    public void Read_NoAgentThatTakesTasks_SaysSo()
    {
        var error = Assert.Throws<StepException>(() => MilestonesReader.Read(Source(), "## M-1: A\n### Tasks\n- a\n"));

        Assert.Contains("takes tasks: there is none", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_DocumentThatIsTooLarge_IsRefusedOnlyIfItMayHoldAPlan()
    {
        var filler = new string('x', 200_000);

        Assert.Empty(MilestonesReader.Read(Source(), filler));
        var error = Assert.Throws<StepException>(() => MilestonesReader.Read(Source(), "## M-1: A\n### Tasks\n" + filler));
        Assert.Contains("at most 131072 are accepted", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_ManyFaults_NamesTheFirstTwenty()
    {
        var text = string.Concat(Enumerable.Range(1, 60).Select(i => $"## M-{i}: A\n### Tasks\n"));

        var error = Assert.Throws<StepException>(() => MilestonesReader.Read(Source(_coder), text));

        Assert.Equal(20, error.Message.Split("line ").Length - 1);
    }

    private static PlanSource Source(params AgentDefinition[] agents) => new("docs/30_milestones.md", agents);
}
