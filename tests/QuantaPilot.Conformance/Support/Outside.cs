using QuantaPilot.Testing.Agents;
using QuantaPilot.Testing.Chat;
using QuantaPilot.Testing.GitHub;

namespace QuantaPilot.Conformance.Support;

/// <summary>What the server under test is set to reach beside repositories, all of it on loopback: the same for all scenarios.</summary>
internal sealed class Outside : IAsyncDisposable
{
    /// <summary>What a reviewer says who wants other documents of the model.</summary>
    public const string Wish = "please write more";

    private readonly TempDirectory _directory = new();
    private RemoteAgent? _agent;
    private FakeGitHub? _gitHub;
    private ChatServer? _model;

    private Outside()
    {
    }

    /// <summary>For scenarios with <see cref="AgentFactAttribute"/>.</summary>
    public RemoteAgent Agent => _agent ?? throw NotKnown("agent");

    /// <summary>For scenarios with <see cref="GitHubFactAttribute"/>.</summary>
    public FakeGitHub GitHub => _gitHub ?? throw NotKnown("GitHub");

    /// <summary>For scenarios with <see cref="ChatFactAttribute"/>.</summary>
    public ChatServer Model => _model ?? throw NotKnown("model");

    /// <summary>Starts what the server knows.</summary>
    public static async Task<Outside> StartAsync()
    {
        var outside = new Outside();
        if (Settings.Agent) outside._agent = await RemoteAgent.StartAsync(Settings.AgentPort);
        if (Settings.GitHub) outside._gitHub = await FakeGitHub.StartAsync(outside._directory, port: Settings.GitHubPort);
        if (Settings.Chat)
        {
            outside._model = await ChatServer.StartAsync(Settings.ChatPort);
            outside._model.Answer = Write;
        }
        return outside;
    }

    /// <summary>Options and variables for a server of the suite's own.</summary>
    public (string[] Options, Dictionary<string, string> Variables) ForServer() => (
        [
            "--agent", $"{RemoteAgent.Name}={Agent.Url}",
            "--github", $"{GitHub.Host}={GitHub.ApiUrl}",
            "--chat", $"default={Model.Endpoint},model=loopback-1",
        ],
        new Dictionary<string, string>
        {
            ["QP_AGENT_SECRET_CONFORMANCE"] = HttpAgentServer.Secret,
            ["QP_GITHUB_TOKEN"] = FakeGitHub.Token,
            ["QP_CHAT_KEY_DEFAULT"] = ChatServer.Key,
        });

    /// <summary>A repository there.</summary>
    public FakeGitHubRepository Host(string name, string configuration)
    {
        var fullName = $"acme/{name}";
        var git = new GitRepository(_directory, fullName);
        git.Commit("main", ("README.md", "# Sample\n\nGreets and leaves.\n"), ("quantapilot.yml", configuration));
        return GitHub.Add(fullName, git);
    }

    public async ValueTask DisposeAsync()
    {
        if (_agent is not null) await _agent.DisposeAsync();
        if (_gitHub is not null) await _gitHub.DisposeAsync();
        if (_model is not null) await _model.DisposeAsync();
        _directory.Dispose();
    }

    private static ChatReply Write(ReceivedChat request)
    {
        if (request.Document is null) return ModelAuthor.Answer(request);
        var isWanted = request.Prompt.Contains(Wish, StringComparison.Ordinal);
        return ChatReply.Say(ModelAuthor.Document(request, isWanted ? "The model writes more." : "The model writes."));
    }

    private static InvalidOperationException NotKnown(string what) => new($"The server does not know the suite's {what}.");
}
