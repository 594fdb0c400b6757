using LibGit2Sharp;
using QuantaPilot.Core.Pipeline;
using QuantaPilot.Core.Ports;
using QuantaPilot.Core.Runs;
using QuantaPilot.Integrations.Chat;
using QuantaPilot.Testing.Chat;

namespace QuantaPilot.Integrations.Tests.Chat;

/// <summary>A checkout of a small repository, a loopback endpoint, and an agent that asks it.</summary>
internal sealed class ChatWorkspace : ICheckout, IAsyncDisposable
{
    public const string RepoUrl = "https://example.com/team/app";
    public const string Model = "loopback-1";

    public static readonly (string, string)[] Sample =
    [
        ("README.md", "# Greeter\n\nGreets people by name.\n"),
        ("src/greet.py", "def greet(name):\n    return f\"Hello {name}\"\n"),
        (".gitignore", "build/\n"),
    ];

    private readonly TempDirectory _directory = new();
    private readonly GitRepository _repository;

    private ChatWorkspace(ChatServer server, (string, string)[] files)
    {
        Server = server;
        _repository = new GitRepository(_directory, "app");
        _repository.Commit("main", files);
        GitCommand.Run(_directory.Path, "clone", "--quiet", _repository.Bare, "checkout");
        BaseSha = HeadSha = GitCommand.Run(Directory, "rev-parse", "HEAD");
        Agent = CreateAgent(Endpoint());
    }

    public ChatServer Server { get; }

    public ChatAgent Agent { get; set; }

    public string Directory => _directory.Combine("checkout");

    public string HeadSha { get; private set; }

    public string BaseSha { get; }

    public bool ContinuesWorkBranch => HeadSha != BaseSha;

    /// <summary>The steps that commits were made for.</summary>
    public HashSet<string> Steps { get; } = [];

    public static async Task<ChatWorkspace> StartAsync(params (string, string)[] files) =>
        new(await ChatServer.StartAsync(), files.Length > 0 ? files : Sample);

    public ChatEndpoint Endpoint(
        string? key = ChatServer.Key, TimeSpan? timeout = null, ChatAnswerFormat format = ChatAnswerFormat.JsonSchema) => new()
        {
            Name = ChatEndpoint.DefaultName,
            Endpoint = Server.Endpoint,
            Model = Model,
            Key = key,
            Temperature = 0,
            InputUsdPerMillion = 2,
            OutputUsdPerMillion = 10,
            CachedInputUsdPerMillion = 0.5m,
            RequestTimeout = timeout ?? TimeSpan.FromMinutes(5),
            AnswerFormat = format,
        };

    public static ChatAgent CreateAgent(ChatEndpoint endpoint, TimeProvider? time = null) =>
        new(new ChatEndpoints([endpoint]), time ?? TimeProvider.System, CheckedLogger.For<ChatAgent>());

    public static AgentTask Documentation(string path = "docs") => Create("documentation", "", path);

    public static AgentTask Task(string prompt = "Write down what is open.") => Create("M-001/1", prompt, null);

    public Task<AgentResult> WriteAsync(AgentTask? task = null, CancellationToken cancellationToken = default) =>
        Agent.RunAsync(task ?? Documentation(), this, cancellationToken);

    public Task<StepException> FailAsync(AgentTask? task = null) => Assert.ThrowsAsync<StepException>(() => WriteAsync(task ?? Task()));

    public string this[string path] => File.ReadAllText(Path.Combine(Directory, path));

    /// <summary>Commits what lies in the directory, as a step does with its work.</summary>
    public void Commit()
    {
        GitCommand.Run(Directory, "add", "--all");
        GitCommand.Run(Directory, "commit", "--quiet", "--message", "Work");
        HeadSha = GitCommand.Run(Directory, "rev-parse", "HEAD");
    }

    public string? ReadText(string path)
    {
        using var repository = new Repository(Directory);
        return (repository.Lookup<Commit>(HeadSha)[path]?.Target as Blob)?.GetContentText();
    }

    public bool HasCommitFor(string step) => Steps.Contains(step);

    public Task<PushedWork> CommitAndPushAsync(string step, string message, CancellationToken cancellationToken) =>
        throw new NotSupportedException("Agents don't push.");

    public async ValueTask DisposeAsync()
    {
        await Server.DisposeAsync();
        _directory.Dispose();
    }

    private static AgentTask Create(string step, string prompt, string? path)
    {
        var agent = new AgentDefinition("writer", AgentDefinition.ChatType, null, TimeSpan.FromMinutes(20));
        return new AgentTask(RunId.Parse(new string('4', 32)), RepoUrl, "main", step, prompt, path, agent);
    }
}
