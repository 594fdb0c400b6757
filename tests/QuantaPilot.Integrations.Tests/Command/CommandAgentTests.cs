using Microsoft.Extensions.Time.Testing;
using QuantaPilot.Core.Ports;
using QuantaPilot.Core.Runs;
using QuantaPilot.Integrations.Command;

namespace QuantaPilot.Integrations.Tests.Command;

public sealed class CommandAgentTests : IDisposable
{
    private static readonly CommandOptions Allowed = new() { AllowedRepositories = [TestWorkspace.RepoUrl] };
    private readonly TestWorkspace _workspace = new();

    public void Dispose() => _workspace.Dispose();

    [Fact]
    public async Task RunAsync_Script_GetsTheTaskInVariablesAndInAFile()
    {
        _workspace.Script("tools/agent.sh", """
            printf '%s|' "$QP_RUN_ID" "$QP_REPO_URL" "$QP_BRANCH" "$QP_STEP" "$QP_PROMPT" "$QP_CHECKOUT" "$PWD" > seen.txt
            cp "$QP_TASK_FILE" task.txt
            echo "$QP_TASK_FILE" > where.txt
            echo "wrote the code"
            """);

        var result = await Agent().RunAsync(TestWorkspace.Task("tools/agent.sh"), _workspace, default);

        var directory = _workspace.Directory;
        Assert.Equal(
            $"{new string('1', 32)}|{TestWorkspace.RepoUrl}|main|M-001-1|Write the code\nwith care|{directory}|{directory}|",
            _workspace.ReadText("seen.txt"));
        Assert.Equal("Write the code\nwith care", _workspace.ReadText("task.txt"));
        Assert.False(
            _workspace.ReadText("where.txt")!.StartsWith(directory, StringComparison.Ordinal), "the task's file lies outside the checkout");
        Assert.False(File.Exists(_workspace.ReadText("where.txt")!.Trim()), "and goes with the program");
        Assert.Contains("wrote the code", result.Summary, StringComparison.Ordinal);
        Assert.Null(result.Digest);
    }

    [Fact]
    public async Task RunAsync_Environment_HoldsNothingOfTheHostButWhatIsPassedByName()
    {
        Environment.SetEnvironmentVariable("QPTEST_SECRET", "host-secret-value");
        Environment.SetEnvironmentVariable("QPTEST_PASSED", "passed-secret-value");
        _workspace.Script(
            "agent.sh",
            "env -0 | sort -z | cut -z -d= -f1 | tr '\\0' '\\n' > names.txt; echo \"$QPTEST_PASSED\" > passed.txt; echo \"key $QPTEST_PASSED in $PWD\"; cat; exit 3");

        var error = await Assert.ThrowsAsync<StepException>(() =>
            Agent(Allowed with { PassEnvironment = ["QPTEST_PASSED", "QPTEST_ABSENT"] })
                .RunAsync(TestWorkspace.Task("./agent.sh"), _workspace, default));

        string[] expected =
        [
            "HOME", "LANG", "PATH", "PWD", "QPTEST_PASSED", "QP_BRANCH", "QP_CHECKOUT", "QP_PROCESS", "QP_PROMPT", "QP_REPO_URL", "QP_ROUND", "QP_RUN_ID", "QP_STEP",
            "QP_TASK_FILE", "QP_USAGE_FILE", "SHLVL", "TEMP", "TMP", "TMPDIR", "_",
        ];
        Assert.Equal(
            expected, _workspace.ReadText("names.txt")!.Split('\n', StringSplitOptions.RemoveEmptyEntries).Order(StringComparer.Ordinal));
        Assert.Equal("passed-secret-value\n", _workspace.ReadText("passed.txt"));
        Assert.Contains("key [QPTEST_PASSED] in [checkout]", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task RunAsync_NonZeroExit_FailsWithTheEndOfTheOutput()
    {
        _workspace.Script("agent.sh", "echo out; echo err >&2; printf '\\xff\\xfe'; exit 7");

        var error = await Assert.ThrowsAsync<StepException>(
            () => Agent().RunAsync(TestWorkspace.Task("bash", "agent.sh"), _workspace, default));

        Assert.Equal(ErrorCodes.AgentFailed, error.Code);
        Assert.Contains("bash agent.sh ended with exit code 7", error.Message, StringComparison.Ordinal);
        Assert.Contains("out", error.Message, StringComparison.Ordinal);
        Assert.Contains("err", error.Message, StringComparison.Ordinal);
        Assert.Contains("\uFFFD\uFFFD", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task RunAsync_SecretWhereTheOutputIsCut_LeavesNoHalfOfIt()
    {
        // The summary holds the last 2,000 characters: the token is cut in its middle, wherever that is.
        for (var length = 1_960; length <= 2_000; length += 10)
        {
            _workspace.Script("agent.sh", $"echo ghp_0123456789abcdefghijABCDEFGHIJ456789; head -c {length} /dev/zero | tr '\\0' 'x'");

            var result = await Agent().RunAsync(TestWorkspace.Task("./agent.sh"), _workspace, default);

            Assert.DoesNotContain("456789", result.Summary, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task RunAsync_TenMegabytesOfOutput_KeepsTheEnd()
    {
        _workspace.Script("agent.sh", "head -c 10000000 /dev/zero | tr '\\0' 'x' | fold -w 99; echo; echo the end; exit 1");

        var error = await Assert.ThrowsAsync<StepException>(() => Agent().RunAsync(TestWorkspace.Task("./agent.sh"), _workspace, default));

        Assert.EndsWith("the end", error.Message, StringComparison.Ordinal);
        Assert.InRange(error.Message.Length, 12_000, 17_000);
    }

    [Theory]
    [InlineData("no-such-program-anywhere", "no-such-program-anywhere was not found in the PATH")]
    [InlineData("tools/missing.sh", "tools/missing.sh does not exist in the checkout")]
    [InlineData("../outside.sh", "../outside.sh leads outside the checkout")]
    [InlineData("./plain.txt", "./plain.txt is not executable")]
    [InlineData("", "The command is empty")]
    public async Task RunAsync_NoSuchProgram_FailsNamingIt(string program, string expected)
    {
        await File.WriteAllTextAsync(_workspace["plain.txt"], "text");

        var error = await Assert.ThrowsAsync<StepException>(() => Agent().RunAsync(TestWorkspace.Task(program), _workspace, default));

        Assert.Equal(ErrorCodes.AgentFailed, error.Code);
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task RunAsync_ArgumentsWithShellSyntax_ArriveAsTheyAre()
    {
        _workspace.Script("agent.sh", "printf '%s\\n' \"$@\" > args.txt");

        await Agent().RunAsync(TestWorkspace.Task("./agent.sh", "$(touch evil)", "a b", "; rm -rf .", "*"), _workspace, default);

        Assert.Equal("$(touch evil)\na b\n; rm -rf .\n*\n", _workspace.ReadText("args.txt"));
        Assert.Null(_workspace.ReadText("evil"));
    }

    [Theory]
    [InlineData()]
    [InlineData("https://example.com/other/*")]
    public async Task RunAsync_RepositoryNotAllowed_NamesTheSettingAndStartsNothing(params string[] globs)
    {
        _workspace.Script("agent.sh", "touch started");

        var agent = Agent(new CommandOptions { AllowedRepositories = globs });

        var task = TestWorkspace.Task("./agent.sh");
        var error = await Assert.ThrowsAsync<StepException>(() => agent.RunAsync(task, _workspace, default));

        Assert.Equal(ErrorCodes.AgentNotAllowed, error.Code);
        Assert.Equal(error.Message, agent.FindRefusal(task.Agent, task.RepoUrl));
        Assert.Contains("--allow-commands", error.Message, StringComparison.Ordinal);
        Assert.Null(_workspace.ReadText("started"));
    }

    [Fact]
    public async Task RunAsync_DocumentationWithoutTheWholeSet_IsInvalid()
    {
        _workspace.Script("agent.sh", "mkdir docs; printf -- \"---\\nid: 'ANCHOR'\\n---\\n\" > docs/ANCHOR.md");
        var task = TestWorkspace.Task("./agent.sh") with { Path = "docs" };

        var error = await Assert.ThrowsAsync<StepException>(() => Agent().RunAsync(task, _workspace, default));

        Assert.Equal(ErrorCodes.DocumentationInvalid, error.Code);
        Assert.Contains("docs/00_overview.md is missing", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task RunAsync_DocumentationWithTheWholeSet_HasItsDigest()
    {
        using var repository = new Outline.FixtureRepository(Outline.Samples.Rust);
        var written = await repository.RunAsync();
        foreach (var (path, text) in Outline.Samples.Rust)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(repository.Directory, path))!);
            await File.WriteAllTextAsync(Path.Combine(repository.Directory, path), text);
        }

        var result = await Agent().RunAsync(TestWorkspace.Task("true") with { Path = "docs" }, repository, default);

        Assert.Equal(written.Digest, result.Digest);
    }

    [Fact]
    public async Task RunAsync_PromptThatFitsNoVariable_IsInTheFile()
    {
        var prompt = new string('p', 300_000);
        _workspace.Script("agent.sh", "wc -c < \"$QP_TASK_FILE\" > size.txt; printf '%s' \"$QP_PROMPT\" > prompt.txt");

        await Agent().RunAsync(TestWorkspace.Task("./agent.sh") with { Prompt = prompt }, _workspace, default);

        Assert.Equal("300000", _workspace.ReadText("size.txt")!.Trim());
        Assert.Equal("", _workspace.ReadText("prompt.txt"));
    }

    private static CommandAgent Agent(CommandOptions? options = null) => new(options ?? Allowed, new FakeTimeProvider());
}
