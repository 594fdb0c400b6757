using Microsoft.Extensions.Time.Testing;
using QuantaPilot.Core.Ports;
using QuantaPilot.Core.Runs;
using QuantaPilot.Integrations.Command;

namespace QuantaPilot.Integrations.Tests.Command;

public sealed class CommandCheckRunnerTests : IDisposable
{
    private static readonly TimeSpan Timeout = TimeSpan.FromMinutes(10);
    private readonly TestWorkspace _workspace = new();

    public void Dispose() => _workspace.Dispose();

    [Fact]
    public async Task RunAsync_ExitCodeZero_IsNull()
    {
        Assert.Null(await RunAsync("bash", "-c", "echo fine; test -z \"$QP_TASK_FILE\""));
    }

    [Fact]
    public async Task RunAsync_Failure_SaysCommandExitCodeAndOutput()
    {
        Assert.Equal("bash -c echo two tests failed; exit 2 ended with exit code 2. The end of its output:\ntwo tests failed",
            await RunAsync("bash", "-c", "echo two tests failed; exit 2"));
    }

    [Fact]
    public async Task RunAsync_NoSuchProgram_IsAFailedCheck()
    {
        Assert.Contains("no-such-program was not found", await RunAsync("no-such-program"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task RunAsync_NotAllowed_Throws()
    {
        var error = await Assert.ThrowsAsync<StepException>(() =>
            new CommandCheckRunner(new CommandOptions(), new FakeTimeProvider())
                .RunAsync(TestWorkspace.RepoUrl, ["true"], Timeout, _workspace, NoRunLogs.Instance, default));

        Assert.Equal(ErrorCodes.AgentNotAllowed, error.Code);
    }

    private Task<string?> RunAsync(params string[] command) =>
        new CommandCheckRunner(new CommandOptions { AllowedRepositories = ["*"] }, new FakeTimeProvider())
            .RunAsync(TestWorkspace.RepoUrl, command, Timeout, _workspace, NoRunLogs.Instance, default);
}
