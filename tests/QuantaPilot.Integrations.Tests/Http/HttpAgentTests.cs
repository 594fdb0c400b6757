using System.Security.Cryptography;
using System.Text;
using QuantaPilot.Core.Agents;
using QuantaPilot.Core.Pipeline;
using QuantaPilot.Core.Ports;
using QuantaPilot.Core.Runs;
using QuantaPilot.Core.Subscriptions;
using QuantaPilot.Integrations.Http;
using QuantaPilot.Integrations.Tests.Command;

namespace QuantaPilot.Integrations.Tests.Http;

/// <summary>What becomes of an answer once it is worked off.</summary>
public sealed class HttpAgentTests : IDisposable
{
    private static readonly AgentDefinition _remote = new("remote", AgentDefinition.HttpType, null, null) { Endpoint = "build-farm" };
    private readonly TestWorkspace _workspace = new();

    public void Dispose() => _workspace.Dispose();

    [Fact]
    public async Task Run_Succeeded_PutsTheFilesInTheirPlacesAndTellsWhatItCost()
    {
        var result = await RunAsync(
            """{"status":"succeeded","summary":"did it","files":[{"path":"a/b.txt","content":"x"}],"usage":{"tokens":7,"usd":0.5}}""");

        Assert.Equal("x", File.ReadAllText(_workspace["a/b.txt"]));
        Assert.Equal(("did it", null, new AgentUsage(7, 0.5m, 0)), (result.Summary, result.Digest, result.Usage));
    }

    [Fact]
    public async Task Run_SucceededWithoutAWord_StillHasASummary()
    {
        var result = await RunAsync("""{"status":"succeeded"}""");

        Assert.Equal(("The agent remote succeeded.", null), (result.Summary, result.Usage));
    }

    [Fact]
    public async Task Run_Failed_TellsWhyAndWhatItCostAllTheSame()
    {
        var error = await Assert.ThrowsAsync<StepException>(
            () => RunAsync("""{"status":"failed","message":"no compiler","usage":{"tokens":7}}"""));

        Assert.Equal((ErrorCodes.AgentFailed, false), (error.Code, error.IsTransient));
        Assert.Equal("The agent remote failed: no compiler", error.Message);
        Assert.Equal(new AgentUsage(7, 0, 0), error.Usage);
    }

    [Fact]
    public async Task Run_PushedHead_MustBeThatOfTheWorkBranch()
    {
        await RunAsync($$"""{"status":"succeeded","head_sha":"{{_workspace.HeadSha}}"}""");

        var error = await Assert.ThrowsAsync<StepException>(
            () => RunAsync($$"""{"status":"succeeded","head_sha":"{{new string('b', 40)}}"}"""));
        Assert.Contains($"the head of the work branch is {_workspace.HeadSha}", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_AnswerIsNotTheOneThatWasTaken_FailsAndChangesNothing()
    {
        var error = await Assert.ThrowsAsync<StepException>(
            () => RunAsync("""{"status":"succeeded","files":[{"path":"a.txt","content":"x"}]}""", digest: new string('0', 64)));

        Assert.Equal(ErrorCodes.AgentFailed, error.Code);
        Assert.False(File.Exists(_workspace["a.txt"]));
    }

    [Fact]
    public async Task Run_Documentation_MustBeAWholeSet()
    {
        var error = await Assert.ThrowsAsync<StepException>(() => RunAsync(
            """{"status":"succeeded","files":[{"path":"docs/ANCHOR.md","content":"# Nothing else"}]}""", path: "docs"));

        Assert.Equal(ErrorCodes.DocumentationInvalid, error.Code);
    }

    private Task<AgentResult> RunAsync(string json, string? digest = null, string? path = null)
    {
        var body = Encoding.UTF8.GetBytes(json);
        var task = TestWorkspace.Task() with
        {
            Agent = _remote,
            Path = path,
            Answer = new AgentAnswer("M-001/1", 1, digest ?? Convert.ToHexStringLower(SHA256.HashData(body))),
        };
        return new HttpAgent(new HttpAgentEndpoints([], new WebhookTargets([])), new OneAnswer(body)).RunAsync(task, _workspace, default);
    }

    /// <summary>A store that holds one answer, which is all that is asked of it here.</summary>
    private sealed class OneAnswer(byte[] answer) : IAgentTaskStore
    {
        public Task<byte[]?> ReadAnswerAsync(RunId runId, string step, int round, CancellationToken cancellationToken) =>
            Task.FromResult<byte[]?>(answer);

        public Task<RemoteTask> OpenAsync(RemoteTask task, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task<RemoteTask?> FindAsync(RunId runId, string step, int round, CancellationToken cancellationToken) =>
            throw new NotSupportedException();

        public Task<RemoteTask?> UpdateAsync(
            RunId runId, string step, int round, Func<RemoteTask, RemoteTask> change, CancellationToken cancellationToken) =>
            throw new NotSupportedException();

        public Task<RemoteTask?> AnswerAsync(
            RunId runId, string step, int round, string digest, ReadOnlyMemory<byte> answer, CancellationToken cancellationToken) =>
            throw new NotSupportedException();

        public Task DeleteOfRunAsync(RunId runId, CancellationToken cancellationToken) => throw new NotSupportedException();
    }
}
