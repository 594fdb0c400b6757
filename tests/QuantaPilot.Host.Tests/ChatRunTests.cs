using System.Text.RegularExpressions;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using QuantaPilot.Host.Server;
using QuantaPilot.Integrations.Chat;
using QuantaPilot.Testing.Chat;

namespace QuantaPilot.Host.Tests;

/// <summary>Whole runs on the standalone host whose agents ask a model on loopback.</summary>
public sealed class ChatRunTests : IAsyncLifetime, IDisposable
{
    private readonly TempDirectory _directory = new();
    private ChatServer _model = null!;

    public async Task InitializeAsync() => _model = await ChatServer.StartAsync();

    public async Task DisposeAsync() => await _model.DisposeAsync();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task Run_DocumentationAndTaskByAModel_AreMerged()
    {
        _model.Answer = request => request.Document is null ? ChatReply.File("greet.txt", "Hello\n") : ModelAuthor.Answer(request);
        var repository = Repository();
        await using var server = await StartAsync(Endpoint("default"), Endpoint("code"));
        using var client = new QpClient(new Uri(server.Url), server.AdminToken);

        var run = await client.StartRunAsync(repository.Url);
        await client.WaitForEventAsync(run, "gate_requested");
        var (_, gates) = await client.SendAsync(HttpMethod.Get, $"/runs/{run}/gates");
        await client.DecideAsync(run, "anchor", approved: true);
        await client.WaitForEventAsync(run, "gate_requested", after: 4);
        await client.DecideAsync(run, "milestone:M-001", approved: true);
        var ended = await client.WaitForEndAsync(run);

        Assert.True(ended.GetProperty("status").GetString() == "completed", ended.ToString());
        Assert.Contains("Written by the model `loopback-1`", Regex.Unescape(gates.ToString()), StringComparison.Ordinal);
        Assert.Contains("The loopback model says what", repository.Git("show", "main:docs/ANCHOR.md"), StringComparison.Ordinal);
        Assert.Equal("Hello", repository.Git("show", "main:greet.txt"));
        // The milestone's task was given what it names, and sees the documentation that was merged before.
        Assert.Contains("Says hello to people.", _model.Requests[^1].Prompt, StringComparison.Ordinal);
        Assert.Contains("docs/ANCHOR.md", _model.Requests[^1].Prompt, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_ModelIsBusyOnce_GoesOnAfterTheWaitWithoutPayingTwice()
    {
        var isBusy = true;
        _model.Answer = request =>
        {
            if (!isBusy || request.Document != "docs/20_requirements.md") return ModelAuthor.Answer(request);
            isBusy = false;
            return ChatReply.Error(429, "rate_limit_exceeded").With("Retry-After", "1");
        };
        await using var server = await StartAsync(Endpoint("default"), Endpoint("code"));
        using var client = new QpClient(new Uri(server.Url), server.AdminToken);

        var run = await client.StartRunAsync(Repository().Url);
        await client.WaitForEventAsync(run, "gate_requested");

        Assert.Equal(12, _model.Requests.Count);
    }

    [Fact]
    public async Task Run_EndpointIsNotInTheSettings_IsRefusedBeforeAnythingIsDone()
    {
        var repository = Repository();
        await using var server = await StartAsync(Endpoint("default"));
        using var client = new QpClient(new Uri(server.Url), server.AdminToken);

        var ended = await client.WaitForEndAsync(await client.StartRunAsync(repository.Url));

        var error = ended.GetProperty("error");
        Assert.Contains("agent_not_allowed", error.ToString(), StringComparison.Ordinal);
        Assert.Contains("'coder' needs the chat endpoint 'code'", error.GetProperty("message").GetString(), StringComparison.Ordinal);
        Assert.Empty(_model.Requests);
        Assert.Equal(["refs/heads/main"], repository.Lines("for-each-ref", "--format=%(refname)"));
    }

    private GitRepository Repository()
    {
        var repository = new GitRepository(_directory, "project");
        repository.Commit("main", ("README.md", "# Greeter\n\nSays hello to people.\n"), ("quantapilot.yml", ChatPipeline.Configuration));
        return repository;
    }

    private ChatEndpoint Endpoint(string name) =>
        new() { Name = name, Endpoint = _model.Endpoint, Model = "loopback-1", Key = ChatServer.Key };

    private Task<QuantaPilotServer> StartAsync(params ChatEndpoint[] endpoints) => QuantaPilotServer.StartAsync(
        new ServerOptions
        {
            DataDirectory = _directory.Combine("data"),
            Url = "http://127.0.0.1:0",
            AllowedRepositories = ["file://*"],
            ChatEndpoints = endpoints,
            ConfigureServices = services => services.AddLogging(logging => logging.ClearProviders()),
        },
        default);
}
