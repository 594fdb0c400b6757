using System.Collections.Concurrent;
using System.Net;
using System.Threading.Channels;
using QuantaPilot.Testing.Agents;

namespace QuantaPilot.Conformance.Support;

/// <summary>
/// The agent elsewhere that the server under test knows by <see cref="Name"/>. There is one for all scenarios; each is given the tasks of
/// its own repositories, a repeated one once.
/// </summary>
internal sealed class RemoteAgent : IAsyncDisposable
{
    /// <summary>What the server's settings and quantapilot.yml call it.</summary>
    public const string Name = "conformance";

    private readonly HttpAgentServer _server;
    private readonly ConcurrentDictionary<string, bool> _keys = new();
    private readonly ConcurrentDictionary<string, Channel<ReceivedTask>> _tasks = new();

    private RemoteAgent(HttpAgentServer server)
    {
        _server = server;
        _server.Received = task =>
        {
            if (_keys.TryAdd(task.IdempotencyKey, true)) TasksOf(task.Text("repository")).Writer.TryWrite(task);
        };
    }

    public string Url => _server.Url;

    /// <param name="port">Where to listen; 0 for any free port.</param>
    public static async Task<RemoteAgent> StartAsync(int port) => new(await HttpAgentServer.StartAsync(port));

    /// <summary>The next task of a repository, which must be signed.</summary>
    public async Task<ReceivedTask> NextTaskAsync(Remote remote)
    {
        var task = await Patiently.WaitAsync(TasksOf(remote.Url).Reader.ReadAsync().AsTask(), "The agent was given no task");
        Assert.True(task.IsSigned);
        Assert.Null(SchemaSet.FindFault("agent_task", task.Json.GetRawText()));
        return task;
    }

    /// <summary>Answers a task with a file, which must be taken.</summary>
    public Task WriteAsync(ReceivedTask task, string path, string content, object? usage = null) =>
        AnswerAsync(task, new { status = "succeeded", summary = $"Wrote {path}.", files = new[] { new { path, content } }, usage });

    /// <summary>Calls back, which must be taken.</summary>
    public async Task AnswerAsync(ReceivedTask task, object body)
    {
        var (status, text) = await CallBackAsync(task, body);
        Assert.True(status == HttpStatusCode.OK, $"{status}: {text}");
    }

    /// <param name="task">What is answered.</param>
    /// <param name="body">What to say.</param>
    /// <param name="key">What to sign with, if not with what the server's settings hold.</param>
    public Task<(HttpStatusCode Status, string Body)> CallBackAsync(ReceivedTask task, object body, byte[]? key = null) =>
        _server.CallBackAsync(task.CallbackUrl, body, key);

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    private Channel<ReceivedTask> TasksOf(string repository) => _tasks.GetOrAdd(repository, _ => Channel.CreateUnbounded<ReceivedTask>());
}
