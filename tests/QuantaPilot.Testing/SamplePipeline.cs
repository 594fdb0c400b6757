namespace QuantaPilot.Testing;

/// <summary>A small project with two milestones that a command agent carries out and whose checks really run.</summary>
public static class SamplePipeline
{
    public const string Configuration =
        """
        version: 1
        agents:
          coder: { type: command, run: [bash, tools/agent.sh], timeout: 1m }
        milestones:
          - id: M-001
            title: Greeting
            tasks:  [ { agent: coder, prompt: "greet.sh says hello" } ]
            checks: [ { run: [bash, greet.sh] } ]
          - id: M-002
            title: Farewell
            tasks:  [ { agent: coder, prompt: "leave.sh says goodbye" } ]
            checks: [ { run: [bash, leave.sh] } ]
        """;

    /// <summary>Writes the program that the prompt names, and a line in a log: a task that is done twice shows there.</summary>
    public const string Agent =
        """
        set -eu
        set -- $QP_PROMPT
        printf 'echo %s\n' "$3" > "$1"
        printf '%s\n' "$QP_STEP" >> done.log
        """;

    public static readonly string[] Events =
    [
        "run_started", "documentation_generated", "gate_requested", "gate_decision",
        "gate_requested", "gate_decision", "milestone_completed",
        "gate_requested", "gate_decision", "milestone_completed", "run_completed",
    ];

    public static readonly string[] Gates = ["anchor", "milestone:M-001", "milestone:M-002"];

    public static GitRepository Create(TempDirectory directory, string name)
    {
        var repository = new GitRepository(directory, name);
        repository.Commit(
            "main",
            ("README.md", "# Sample\n\nGreets and leaves.\n"),
            ("quantapilot.yml", Configuration),
            ("tools/agent.sh", Agent));
        return repository;
    }

    /// <summary>The remote holds each change once: one commit per pull request, the work of each task, nothing else.</summary>
    public static void AssertMergedOnce(GitRepository repository)
    {
        Assert.Equal(4, repository.Lines("log", "--format=%s", "main").Count);
        Assert.Equal("echo hello", repository.Git("show", "main:greet.sh"));
        Assert.Equal("echo goodbye", repository.Git("show", "main:leave.sh"));
        Assert.Equal(["M-001/1", "M-002/1"], repository.Lines("show", "main:done.log"));
        Assert.Contains("docs/ANCHOR.md", repository.Lines("ls-tree", "-r", "--name-only", "main"));
    }
}
