using QuantaPilot.Core.Ports;
using QuantaPilot.Testing.Chat;

namespace QuantaPilot.Integrations.Tests.Chat;

/// <summary>What people who watch a run see of a model at work.</summary>
public sealed class ChatLogTests : IAsyncLifetime
{
    private readonly List<string> _lines = [];
    private ChatWorkspace _workspace = null!;

    public async Task InitializeAsync() => _workspace = await ChatWorkspace.StartAsync();

    public async Task DisposeAsync() => await _workspace.DisposeAsync();

    [Fact]
    public async Task RunAsync_Documentation_TellsOfEachFileAndOfWhatWasUsedUp()
    {
        await _workspace.WriteAsync(ChatWorkspace.Documentation() with { Log = new Watched(_lines) });

        var requests = _workspace.Server.Requests.Count;
        Assert.Equal(2 * requests, _lines.Count);
        Assert.Contains($"docs/10_architecture.md: asking {ChatWorkspace.Model}", _lines);
        Assert.StartsWith("docs/ANCHOR.md: accepted; so far ", _lines[^1], StringComparison.Ordinal);
        Assert.Contains($"{requests} requests, ", _lines[^1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task RunAsync_AnswerThatIsNotAccepted_SaysWhyAndThatItAsksAgain()
    {
        _workspace.Server.Answer = request => request.Messages.Count == 2 ? ChatReply.Say("no") : ChatReply.File("notes.md", "right\n");

        await _workspace.WriteAsync(ChatWorkspace.Task() with { Log = new Watched(_lines) });

        Assert.EndsWith(": not accepted: it is not valid JSON (line 1)", _lines[1], StringComparison.Ordinal);
        Assert.EndsWith($": asking {ChatWorkspace.Model} again (1 of 2)", _lines[2], StringComparison.Ordinal);
    }

    [Fact]
    public async Task RunAsync_EndpointThatRefuses_SaysWhatItAnswered()
    {
        _workspace.Server.Answer = _ => ChatReply.Error(429, null);

        var failure = await _workspace.FailAsync(ChatWorkspace.Task() with { Log = new Watched(_lines) });

        Assert.Equal(failure.Message, _lines[^1]);
    }

    private sealed class Watched(List<string> lines) : IRunLog
    {
        public void Write(string text) => lines.Add(text);

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
