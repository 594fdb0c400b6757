using QuantaPilot.Core.Runs;
using QuantaPilot.Integrations.Chat;
using QuantaPilot.Testing.Chat;

namespace QuantaPilot.Integrations.Tests.Chat;

public sealed class ChatTaskTests : IAsyncLifetime
{
    private ChatWorkspace _workspace = null!;

    private ChatServer Server => _workspace.Server;

    public async Task InitializeAsync() => _workspace = await ChatWorkspace.StartAsync();

    public async Task DisposeAsync() => await _workspace.DisposeAsync();

    [Fact]
    public async Task RunAsync_Task_WritesTheFileAndSaysSo()
    {
        Server.Answer = _ => ChatReply.File("src/leave.py", "def leave():\n    pass\n", "Adds leave(); closes #7 for @ann.");

        var result = await _workspace.WriteAsync(ChatWorkspace.Task("Add src/leave.py beside src/greet.py."));

        Assert.Equal("def leave():\n    pass\n", _workspace["src/leave.py"]);
        Assert.Contains("(`src/leave.py`, written by the model `loopback-1` (chat", result.Summary, StringComparison.Ordinal);
        Assert.Contains("endpoint `default`, seed 1); 1 request, 100 tokens in, 10 out, 0.0003", result.Summary, StringComparison.Ordinal);
        // A forge must take nothing of the model's words for a mention, or for an order to close an issue.
        Assert.DoesNotContain("@ann", result.Summary, StringComparison.Ordinal);
        Assert.DoesNotContain("#7", result.Summary, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', result.Summary);
        Assert.Null(result.Digest);
        Assert.Equal(110, result.Usage!.Tokens);
    }

    [Fact]
    public async Task RunAsync_Prompt_HoldsTheTaskTheListingAndTheFilesThatItNames()
    {
        await _workspace.WriteAsync(ChatWorkspace.Task("Add a test for `./src/greet.py`, please."));

        var prompt = Server.Requests[0].Prompt;
        Assert.StartsWith("The task:\nAdd a test for `./src/greet.py`, please.\n", prompt, StringComparison.Ordinal);
        Assert.Contains("\n.gitignore\nREADME.md\nsrc/greet.py\n", prompt, StringComparison.Ordinal);
        Assert.Contains("return f\"Hello {name}\"", prompt, StringComparison.Ordinal);
        Assert.DoesNotContain("Greets people by name", prompt, StringComparison.Ordinal);
    }

    [Fact]
    public async Task RunAsync_NamedFileWithASecret_IsNotSent()
    {
        await using var workspace = await ChatWorkspace.StartAsync(("config.ini", "key = ghp_A1b2C3d4E5f6G7h8I9j0K1l2M3n4O5p6Q7r8\n"));

        await workspace.WriteAsync(ChatWorkspace.Task("Explain config.ini."));

        var prompt = workspace.Server.Requests[0].Prompt;
        Assert.Contains("The file config.ini is not shown: it holds what looks like a secret.", prompt, StringComparison.Ordinal);
        Assert.DoesNotContain("ghp_", prompt, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(ChatAnswerFormat.JsonSchema, "json_schema")]
    [InlineData(ChatAnswerFormat.JsonObject, "json_object")]
    [InlineData(ChatAnswerFormat.Text, null)]
    public async Task RunAsync_AnswerFormat_IsWhatTheEndpointIsToldToAnswerIn(ChatAnswerFormat format, string? expected)
    {
        _workspace.Agent = ChatWorkspace.CreateAgent(_workspace.Endpoint(format: format));

        await _workspace.WriteAsync(ChatWorkspace.Task());

        var hasFormat = Server.Requests[0].Json.TryGetProperty("response_format", out var sent);
        Assert.Equal(expected, hasFormat ? sent.GetProperty("type").GetString() : null);
        if (format != ChatAnswerFormat.JsonSchema) return;
        var schema = sent.GetProperty("json_schema");
        Assert.True(schema.GetProperty("strict").GetBoolean());
        var required = schema.GetProperty("schema").GetProperty("required").EnumerateArray();
        Assert.Equal(["path", "content", "summary"], required.Select(name => name.GetString()));
    }

    [Theory]
    [InlineData("I would rather not.", "it is not valid JSON")]
    [InlineData("[]", "it is not a JSON object with path, content, summary")]
    [InlineData("""{"path":"a.md","summary":"s"}""", "content is missing, or not a text")]
    [InlineData("""{"path":"a.md","content":1,"summary":"s"}""", "content is missing, or not a text")]
    [InlineData("""{"path":"a.md","content":"x","summary":"s","mode":"777"}""", "the member mode is unknown")]
    [InlineData("""{"path":"a.md","content":"x","summary":" "}""", "summary is empty")]
    [InlineData("""{"path":"../a.md","content":"x","summary":"s"}""", "without . and .. segments")]
    [InlineData("""{"path":"/etc/passwd","content":"x","summary":"s"}""", "must be relative to the root")]
    [InlineData("""{"path":".git/hooks/pre-commit","content":"x","summary":"s"}""", "must not lead into .git")]
    [InlineData("""{"path":"src/.GIT /config","content":"x","summary":"s"}""", "must not lead into .git")]
    [InlineData("""{"path":"src\\a.md","content":"x","summary":"s"}""", "no control characters, backslashes or colons")]
    [InlineData("""{"path":"src","content":"x","summary":"s"}""", "a folder where a file must be: src")]
    [InlineData("""{"path":"README.md/x","content":"x","summary":"s"}""", "a file where a folder must be: README.md")]
    [InlineData("""{"path":"build/out.js","content":"x","summary":"s"}""", "path is one that .gitignore leaves out")]
    [InlineData("""{"path":"a.md","content":"ghp_A1b2C3d4E5f6G7h8I9j0K1l2M3n4O5p6Q7r8","summary":"s"}""", "holds what looks like a secret")]
    [InlineData("""{"path":"a.md","content":"a\u0000b","summary":"s"}""", "content holds a NUL")]
    [InlineData("""{"path":"a.md","content":"\ud800","summary":"s"}""", "not valid Unicode")]
    public async Task RunAsync_AnswerThatIsNotAccepted_IsPutRightByTheModel(string answer, string fault)
    {
        Server.Answer = request => request.Messages.Count == 2 ? ChatReply.Say(answer) : ChatReply.File("notes.md", "right\n");

        await _workspace.WriteAsync(ChatWorkspace.Task());

        Assert.Equal(2, Server.Requests.Count);
        Assert.Contains(fault, Server.Requests[1].LastMessage, StringComparison.Ordinal);
        Assert.Equal("right\n", _workspace["notes.md"]);
        Assert.Equal(["notes.md"], GitCommand.Run(_workspace.Directory, "status", "--porcelain").Split('\n').Select(line => line[3..]));
    }

    [Fact]
    public async Task RunAsync_PathThroughALink_IsNotAccepted()
    {
        var outside = Directory.CreateTempSubdirectory("qp-outside-");
        Directory.CreateSymbolicLink(Path.Combine(_workspace.Directory, "link"), outside.FullName);
        Server.Answer = _ => ChatReply.File("link/a.md", "x");

        var error = await _workspace.FailAsync();

        Assert.Equal(ErrorCodes.AgentFailed, error.Code);
        Assert.Contains("leads through a symbolic link, link", error.Message, StringComparison.Ordinal);
        Assert.Empty(outside.EnumerateFileSystemInfos());
        outside.Delete();
    }

    [Fact]
    public async Task RunAsync_MalformedToTheEnd_FailsSayingWhatWasWrongWithUsage()
    {
        Server.Answer = _ => ChatReply.Say("Sure! Here is your file.");

        var error = await _workspace.FailAsync();

        Assert.Equal((ErrorCodes.AgentFailed, false), (error.Code, error.IsTransient));
        Assert.Contains("The task M-001/1: the model loopback-1 was told 2 times", error.Message, StringComparison.Ordinal);
        Assert.Contains("it is not valid JSON (line 1)", error.Message, StringComparison.Ordinal);
        Assert.Equal(3 * 110, error.Usage!.Tokens);
        Assert.Equal(3, Server.Requests.Count);
    }

    [Fact]
    public async Task RunAsync_JsonInACodeBlock_IsTakenOutOfIt()
    {
        Server.Answer = _ => ChatReply.Say("```json\n{\"path\":\"a.md\",\"content\":\"a\\n\",\"summary\":\"s\"}\n```");

        await _workspace.WriteAsync(ChatWorkspace.Task());

        Assert.Equal("a\n", _workspace["a.md"]);
    }

    [Fact]
    public async Task RunAsync_FileWithCarriageReturns_KeepsThem()
    {
        await using var workspace = await ChatWorkspace.StartAsync(("run.cmd", "echo one\r\n"));
        workspace.Server.Answer = _ => ChatReply.File("run.cmd", "echo one\necho two\n");

        await workspace.WriteAsync(ChatWorkspace.Task("Extend run.cmd."));

        Assert.Equal("echo one\r\necho two\r\n", workspace["run.cmd"]);
    }

    [Fact]
    public async Task RunAsync_Rework_ShowsTheFeedbackAndWhatWasWrittenBefore()
    {
        Server.Answer = _ => ChatReply.File("src/leave.py", "def leave():\n    pass\n");
        await _workspace.WriteAsync(ChatWorkspace.Task());
        _workspace.Commit();

        await _workspace.WriteAsync(ChatWorkspace.Task() with { Round = 2, Feedback = "Say goodbye." });

        var prompt = Server.Requests[1].Prompt;
        Assert.Contains("<data name=\"file src/leave.py\"", prompt, StringComparison.Ordinal);
        Assert.Contains("Say goodbye.", prompt, StringComparison.Ordinal);
    }
}
