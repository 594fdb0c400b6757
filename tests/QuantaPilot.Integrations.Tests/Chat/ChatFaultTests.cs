using Microsoft.Extensions.Time.Testing;
using QuantaPilot.Core.Ports;
using QuantaPilot.Core.Runs;
using QuantaPilot.Testing.Chat;

namespace QuantaPilot.Integrations.Tests.Chat;

/// <summary>What endpoints do instead of answering.</summary>
public sealed class ChatFaultTests : IAsyncLifetime
{
    private ChatWorkspace _workspace = null!;

    private ChatServer Server => _workspace.Server;

    public async Task InitializeAsync() => _workspace = await ChatWorkspace.StartAsync();

    public async Task DisposeAsync() => await _workspace.DisposeAsync();

    [Fact]
    public async Task RunAsync_StreamIsCutOff_IsTransientAndWritesNothing()
    {
        Server.Answer = _ => ChatReply.File("a.md", new string('x', 500)) with { CutOff = true };

        var error = await _workspace.FailAsync();

        Assert.Equal((ErrorCodes.AgentFailed, true), (error.Code, error.IsTransient));
        Assert.Contains("ended the connection before its answer was whole", error.Message, StringComparison.Ordinal);
        Assert.Equal("", GitCommand.Run(_workspace.Directory, "status", "--porcelain"));
        Assert.Single(Server.Requests);
    }

    [Fact]
    public async Task RunAsync_StreamEndsWithoutAReason_IsTakenForCutOff()
    {
        Server.Answer = _ => ChatReply.File("a.md", "whole, by the looks of it") with { Finish = null };

        Assert.True((await _workspace.FailAsync()).IsTransient);
    }

    [Theory]
    [InlineData("7", 7)]
    [InlineData("Fri, 02 Jan 2026 03:05:05 GMT", 60)]
    [InlineData("999999999", 86400)]
    [InlineData("soon", null)]
    public async Task RunAsync_TooManyRequests_IsTransientWithTheWaitThatIsAskedFor(string header, int? seconds)
    {
        var time = new FakeTimeProvider(new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero));
        _workspace.Agent = ChatWorkspace.CreateAgent(_workspace.Endpoint(), time);
        Server.Answer = _ => ChatReply.Error(429, "rate_limit_exceeded").With("Retry-After", header);

        var error = await _workspace.FailAsync();

        Assert.Equal((ErrorCodes.AgentFailed, true), (error.Code, error.IsTransient));
        Assert.Equal(seconds is { } wait ? TimeSpan.FromSeconds(wait) : null, error.RetryAfter);
        Assert.Single(Server.Requests);
    }

    [Theory]
    [InlineData(408, null, true, ErrorCodes.AgentFailed, "takes no requests at the moment (HTTP 408)")]
    [InlineData(500, null, true, ErrorCodes.AgentFailed, "takes no requests at the moment (HTTP 500)")]
    [InlineData(529, "overloaded_error", true, ErrorCodes.AgentFailed, "takes no requests at the moment (HTTP 529)")]
    [InlineData(429, "insufficient_quota", false, ErrorCodes.AgentFailed, "until its quota or balance is raised")]
    [InlineData(403, null, false, ErrorCodes.AuthenticationFailed, "'default' does not accept the key")]
    [InlineData(404, "model_not_found", false, ErrorCodes.AgentFailed, "does not know the model loopback-1")]
    [InlineData(400, "content_filter", false, ErrorCodes.AgentFailed, "content filter")]
    [InlineData(400, "context_length_exceeded", false, ErrorCodes.AgentFailed, "context is too small")]
    [InlineData(413, null, false, ErrorCodes.AgentFailed, "context is too small")]
    [InlineData(422, "unsupported_value", false, ErrorCodes.AgentFailed, "refused the request (HTTP 422): No.")]
    [InlineData(307, null, false, ErrorCodes.AgentFailed, "refused the request (HTTP 307)")]
    public async Task RunAsync_ErrorStatus_IsWhatItMeans(int status, string? code, bool transient, string expected, string words)
    {
        Server.Answer = _ => ChatReply.Error(status, code).With("Location", "/elsewhere");

        var error = await _workspace.FailAsync();

        Assert.Equal((expected, transient), (error.Code, error.IsTransient));
        Assert.Contains(words, error.Message, StringComparison.Ordinal);
        Assert.Contains("'default'", error.Message, StringComparison.Ordinal);
        Assert.Single(Server.Requests);
        Assert.Equal(0, error.Usage!.Tokens);
    }

    [Fact]
    public async Task RunAsync_ContextTooSmallInOtherWords_IsKnown()
    {
        Server.Answer = _ => ChatReply.Error(400, null, "This model's maximum context length is 4096 tokens. However, you requested 9000.");

        Assert.Contains("context is too small", (await _workspace.FailAsync()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task RunAsync_WrongKey_IsNamedWithoutItsValue()
    {
        _workspace.Agent = ChatWorkspace.CreateAgent(_workspace.Endpoint(key: "the-wrong-key"));

        var error = await _workspace.FailAsync();

        Assert.Equal((ErrorCodes.AuthenticationFailed, false), (error.Code, error.IsTransient));
        Assert.Contains("The chat endpoint 'default' does not accept the key", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("the-wrong-key", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task RunAsync_EndpointWithoutAKey_GetsNoCredential()
    {
        _workspace.Agent = ChatWorkspace.CreateAgent(_workspace.Endpoint(key: null));

        await _workspace.WriteAsync(ChatWorkspace.Task());

        Assert.Null(Server.Requests[0].Authorization);
    }

    [Fact]
    public async Task RunAsync_AnswerIsFiltered_SaysSo()
    {
        Server.Answer = _ => ChatReply.Say("{\"path\":") with { Finish = "content_filter" };

        var error = await _workspace.FailAsync();

        Assert.Equal((ErrorCodes.AgentFailed, false), (error.Code, error.IsTransient));
        Assert.Contains("The content filter of the chat endpoint 'default' stopped", error.Message, StringComparison.Ordinal);
        Assert.Equal(110, error.Usage!.Tokens);
    }

    [Fact]
    public async Task RunAsync_ModelRefuses_SaysSoInItsWords()
    {
        Server.Answer = _ => new ChatReply { Refusal = "I can't help with that." };

        Assert.Contains("refused the task: I can't help with that.", (await _workspace.FailAsync()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task RunAsync_OutOfTokensOnce_IsAskedToBeBriefer()
    {
        Server.Answer = request => request.Prompt.Contains("be briefer", StringComparison.Ordinal)
            ? ChatReply.File("a.md", "short")
            : ChatReply.Say("{\"path\":\"a.md\",\"content\":\"long") with { Finish = "length" };

        await _workspace.WriteAsync(ChatWorkspace.Task());

        Assert.Equal("short", _workspace["a.md"]);
        Assert.Equal(["system", "user"], Server.Requests[1].Messages.Select(message => message.Role));
    }

    [Fact]
    public async Task RunAsync_OutOfTokensTwice_FailsNamingTheLimit()
    {
        Server.Answer = _ => ChatReply.Say("{\"path\":\"a.md\",\"content\":\"long") with { Finish = "length" };

        var error = await _workspace.FailAsync();

        Assert.Equal((ErrorCodes.AgentFailed, false), (error.Code, error.IsTransient));
        Assert.Contains("came to the limit of 8192 output tokens twice", error.Message, StringComparison.Ordinal);
        Assert.Equal(2, Server.Requests.Count);
    }

    [Fact]
    public async Task RunAsync_EndlessAnswer_IsGivenUp()
    {
        using var never = new SemaphoreSlim(0);
        Server.Answer = _ => ChatReply.Say(new string('x', 1_000_000)) with { Hold = never.WaitAsync() };

        var error = await _workspace.FailAsync();

        Assert.Contains("it is longer than 400000 characters: be briefer", error.Message, StringComparison.Ordinal);
        await Server.Aborted;
    }

    [Theory]
    [InlineData("data: {\"choices\":[{\"delta\":{\"content\":5}}]}\n\n")]
    [InlineData("data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"tired\"}]}\n\n")]
    [InlineData("data: <html>\n\n")]
    [InlineData("<html>Sign in</html>")]
    [InlineData("{\"choices\":[]}")]
    public async Task RunAsync_StreamThatIsNone_IsTransient(string body)
    {
        Server.Answer = _ => new ChatReply { Body = body };

        var error = await _workspace.FailAsync();

        Assert.Equal((ErrorCodes.AgentFailed, true), (error.Code, error.IsTransient));
        Assert.Contains("'default'", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task RunAsync_NobodyListens_IsTransient()
    {
        var endpoint = _workspace.Endpoint();
        await Server.DisposeAsync();
        _workspace.Agent = ChatWorkspace.CreateAgent(endpoint);

        var error = await _workspace.FailAsync();

        Assert.Equal((ErrorCodes.AgentFailed, true), (error.Code, error.IsTransient));
        Assert.Contains("can't be reached", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task RunAsync_UsageIsNotTold_CountsAsNothingAndSaysSo()
    {
        Server.Answer = _ => ChatReply.File("a.md", "a") with { Usage = null };

        var result = await _workspace.WriteAsync(ChatWorkspace.Task());

        Assert.Equal((0L, 0m), (result.Usage!.Tokens, result.Usage.Usd));
        Assert.Contains("of 1 request the endpoint did not say how many tokens", result.Summary, StringComparison.Ordinal);
    }

    [Fact]
    public async Task RunAsync_Cancelled_AbortsTheRequest()
    {
        using var never = new SemaphoreSlim(0);
        using var cancellation = new CancellationTokenSource();
        Server.Answer = _ => ChatReply.File("a.md", "a") with { Hold = never.WaitAsync() };

        var work = _workspace.WriteAsync(ChatWorkspace.Task(), cancellation.Token);
        await Server.NextAsync();
        await cancellation.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => work);
        await Server.Aborted;
    }

    [Theory]
    [InlineData(30, 1200, true, "has not answered in full within 30 s")]
    [InlineData(300, 60, false, "The agent 'writer' has not ended within 1m")]
    public async Task RunAsync_TimeIsUp_AbortsTheRequest(int requestSeconds, int agentSeconds, bool transient, string words)
    {
        using var never = new SemaphoreSlim(0);
        var time = new FakeTimeProvider();
        _workspace.Agent = ChatWorkspace.CreateAgent(_workspace.Endpoint(timeout: TimeSpan.FromSeconds(requestSeconds)), time);
        Server.Answer = _ => ChatReply.File("a.md", "a") with { Hold = never.WaitAsync() };

        var task = ChatWorkspace.Task();
        var work = _workspace.WriteAsync(task with { Agent = task.Agent with { Timeout = TimeSpan.FromSeconds(agentSeconds) } });
        await Server.NextAsync();
        time.Advance(TimeSpan.FromSeconds(Math.Min(requestSeconds, agentSeconds)));

        var error = await Assert.ThrowsAsync<StepException>(() => work);
        Assert.Equal((ErrorCodes.AgentTimedOut, transient), (error.Code, error.IsTransient));
        Assert.Contains(words, error.Message, StringComparison.Ordinal);
        Assert.Equal(Math.Min(requestSeconds, agentSeconds), error.Usage!.Seconds);
        await Server.Aborted;
    }
}
