using System.Collections.Concurrent;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using QuantaPilot.Core.Ports;
using QuantaPilot.Core.Runs;
using QuantaPilot.Integrations.Chat;
using QuantaPilot.Integrations.Command;
using QuantaPilot.Integrations.EventGrid;
using QuantaPilot.Integrations.RunLogs;
using QuantaPilot.Integrations.Tests.Chat;
using QuantaPilot.Integrations.Tests.Command;
using QuantaPilot.Integrations.Tests.EventGrid;
using QuantaPilot.Integrations.Tests.Git;
using QuantaPilot.Integrations.Tests.RunLogs;
using QuantaPilot.Testing.Chat;

namespace QuantaPilot.Integrations.Tests;

/// <summary>What programs, models, topics and remotes say may hold secrets, even those that they got; nothing repeats them.</summary>
public sealed class SecrecyTests
{
    private static readonly CommandOptions _allowed = new() { AllowedRepositories = ["*"] };

    [Fact]
    public async Task Agent_ThatWritesSecrets_LeavesNoneInItsLogAndSummary()
    {
        using var workspace = new TestWorkspace();
        var store = new ScriptedLogStore();
        File.WriteAllText(workspace["secrets.txt"], Planted.Text);

        AgentResult result;
        await using (var log = Open(store))
        {
            var task = TestWorkspace.Task("bash", "-c", "cat secrets.txt; cat secrets.txt >&2") with { Log = log };
            result = await new CommandAgent(_allowed, TimeProvider.System).RunAsync(task, workspace, default);
        }

        Assert.Contains("[redacted]", store.All, StringComparison.Ordinal);
        AssertAbsent(store.All, $"{result}");
    }

    [Fact]
    public async Task Agent_ThatFailsWithSecrets_LeavesNoneInTheFault()
    {
        using var workspace = new TestWorkspace();
        File.WriteAllText(workspace["secrets.txt"], Planted.Text);

        var fault = await Assert.ThrowsAsync<StepException>(() => new CommandAgent(_allowed, TimeProvider.System).RunAsync(
            TestWorkspace.Task("bash", "-c", "cat secrets.txt >&2; exit 3"), workspace, default));

        Assert.Contains("[redacted]", fault.Message, StringComparison.Ordinal);
        AssertAbsent($"{fault}");
    }

    [Fact]
    public async Task Model_ThatRefusesWithSecrets_LeavesNoneInTheFaultAndTheLog()
    {
        await using var workspace = await ChatWorkspace.StartAsync();
        var log = new Lines<ChatAgent>();
        workspace.Agent = new ChatAgent(new ChatEndpoints([workspace.Endpoint()]), TimeProvider.System, log);

        foreach (var status in new[] { 400, 401, 500 })
        {
            workspace.Server.Answer = _ => ChatReply.Error(status, "refused", $"Incorrect API key: {ChatServer.Key}. {Planted.Text}");
            AssertAbsent((await workspace.FailAsync()).Message, log.All);
        }
    }

    [Fact]
    public async Task Model_IsToldNoSecretsOfTheRepository()
    {
        (string, string)[] files = [.. ChatWorkspace.Sample, ("notes.md", Planted.Text), (".env", Planted.Text)];
        await using var workspace = await ChatWorkspace.StartAsync(files);
        var log = new Lines<ChatAgent>();
        workspace.Agent = new ChatAgent(new ChatEndpoints([workspace.Endpoint()]), TimeProvider.System, log);

        await workspace.WriteAsync();
        await workspace.WriteAsync(ChatWorkspace.Task("Look at notes.md and .env."));

        Assert.NotEmpty(workspace.Server.Requests);
        AssertAbsent([log.All, .. workspace.Server.Requests.Select(request => Encoding.UTF8.GetString(request.Body))]);
    }

    [Theory]
    [InlineData(400)]
    [InlineData(401)]
    [InlineData(403)]
    public async Task Topic_ThatRefusesWithSecrets_LeavesNoneInTheLog(int status)
    {
        await using var server = await EventGridServer.StartAsync();
        server.Intercept = async context =>
        {
            context.Response.StatusCode = status;
            context.Response.ContentType = "text/plain";
            await context.Response.WriteAsync($"The key {context.Request.Headers["aeg-sas-key"]} is not that of {Planted.Address}.");
            return true;
        };
        var log = new Lines<EventGridSink>();
        var topic = new EventGridTopic { Name = "all", Endpoint = server.Endpoint, Key = EventGridServer.Key };
        var sink = new EventGridSink(topic, EventGridClients.Create(topic, null, null), TimeProvider.System, log);

        var answer = Assert.Single(await sink.SendAsync([new OutgoingEvent(1, Encoding.UTF8.GetBytes("{}"))], default));

        Assert.NotEqual(SinkVerdict.Delivered, answer.Verdict);
        Assert.NotEmpty(log.All);
        AssertAbsent(log.All);
    }

    [Fact]
    public async Task Remote_ThatRefusesWithSecrets_LeavesNoneInTheFault()
    {
        using var git = new GitFixture();
        await using var server = await GitHttpServer.StartAsync(Path.GetDirectoryName(git.Bare)!);
        git.Push("main", ("a", "a"));
        git.AddHook("pre-receive", $"cat >&2 <<'END'\n{Planted.Text}\nEND\nexit 1");

        await using var checkout = await git.Forge.CheckoutAsync(server.Url + "/project.git", "main", null, GitFixture.WorkBranch, default);
        File.WriteAllText(Path.Combine(checkout.Directory, "b"), "b");
        var fault = await Assert.ThrowsAsync<StepException>(() => checkout.CommitAndPushAsync("one", "Do one", default));

        Assert.Contains("[redacted]", fault.Message, StringComparison.Ordinal);
        AssertAbsent(fault.Message);
    }

    private static IRunLog Open(ScriptedLogStore store) => new StoredRunLogs(store, TimeProvider.System, CheckedLogger.For<StoredRunLogs>())
        .Open(RunId.Parse(new string('a', 32)), "M-001/1", 1, "coder");

    private static void AssertAbsent(params IEnumerable<string> texts) =>
        Planted.AssertAbsent("what is told or kept", Encoding.UTF8.GetBytes(string.Join('\n', texts)));

    /// <summary>Keeps what is logged, with exceptions.</summary>
    private sealed class Lines<T> : ILogger<T>
    {
        private readonly ConcurrentQueue<string> _lines = new();

        public string All => string.Join('\n', _lines);

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            _lines.Enqueue($"{formatter(state, exception)} {exception}");
    }
}
