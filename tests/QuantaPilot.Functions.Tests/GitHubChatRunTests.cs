using System.Net;
using QuantaPilot.Functions.Tests.Support;
using QuantaPilot.Testing;
using QuantaPilot.Testing.Chat;
using QuantaPilot.Testing.GitHub;

namespace QuantaPilot.Functions.Tests;

/// <summary>Whole runs in the app over a repository on GitHub, whose agents ask a model.</summary>
public sealed class GitHubChatRunTests : IAsyncLifetime, IDisposable
{
    private const string HookSecret = "the secret of the webhook";

    private const string Reworked =
        """
        version: 1
        documentation: { agent: architect }
        agents: { architect: { type: chat, role: documentation } }
        gates: { anchor: { on_reject: rework } }
        """;

    private readonly TempDirectory _directory = new();
    private FakeGitHub _gitHub = null!;
    private FakeGitHubRepository _repository = null!;
    private ChatServer _model = null!;
    private Azurite _storage = null!;
    private AppInProcess _app = null!;

    public async Task InitializeAsync()
    {
        _gitHub = await FakeGitHub.StartAsync(_directory);
        var git = new GitRepository(_directory, "acme/sample");
        git.Commit("main", ("README.md", "# Greeter\n\nSays hello to people.\n"), ("quantapilot.yml", ChatPipeline.Configuration));
        _repository = _gitHub.Add("acme/sample", git);
        _model = await ChatServer.StartAsync();
        _model.Answer = request => request.Document is null ? ChatReply.File("greet.txt", "Hello\n") : ModelAuthor.Answer(request);
        _storage = await Azurite.StartAsync();
        _app = await AppInProcess.StartAsync(Settings());
    }

    public async Task DisposeAsync()
    {
        await _app.DisposeAsync();
        await _storage.DisposeAsync();
        await _model.DisposeAsync();
        await _gitHub.DisposeAsync();
    }

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task Run_WithAPersonsCommentAndDecision_HasWhatTheModelWroteMergedOnGitHub()
    {
        using var client = new QpClient(_app.Url, Planted.ApiToken);
        _repository.CheckOfAll = new FakeCheckRun("build", null);
        var look = NextLookAtChecksAsync();
        var run = await client.StartRunAsync(_repository.Url);
        await look;
        var pull = Assert.Single(_repository.PullRequests);
        Assert.True(pull.Draft);
        Assert.DoesNotContain("gate_requested", await client.ReadLogNamesAsync(run));

        // Both ways in which people may answer: a comment there, and the API here.
        _repository.CheckOfAll = new FakeCheckRun("build", "success");
        await SendAsync(GitHubHook.CheckRun(_repository.Url, pull.HeadSha, "success"));
        var asked = await client.WaitForEventAsync(run, "gate_requested");
        Assert.False(pull.Draft);
        await SendAsync(GitHubHook.Comment(_repository.Url, 1, "octocat", $"/approve {pull.HeadSha[..12]} reads well"));
        await client.WaitForEventAsync(run, "gate_requested", asked.GetProperty("sequence").GetInt32() + 1);
        Assert.Equal("applied", await client.DecideAsync(run, "milestone:M-001", approved: true));
        var ended = await client.WaitForEndAsync(run);

        Assert.True(ended.GetProperty("status").GetString() == "completed", ended.ToString());
        Assert.Equal("Hello", _repository.Git.Git("show", "main:greet.txt"));
        Assert.Contains("The loopback model says what", _repository.Git.Git("show", "main:docs/ANCHOR.md"), StringComparison.Ordinal);
        Assert.Equal(
            ["M-001: Greeting (#2)", "Documentation for main (#1)", "Change by a person"],
            _repository.Git.Lines("log", "--format=%s", "main"));
        Assert.Equal(["refs/heads/main"], _repository.Git.Lines("for-each-ref", "--format=%(refname)"));
        Assert.All(_repository.PullRequests, merged => Assert.Contains("approved", merged.Comments[^1].Body, StringComparison.Ordinal));
        Assert.Equal(
            [
                "run_started", "documentation_generated", "gate_requested", "gate_decision", "gate_requested", "gate_decision",
                "milestone_completed", "run_completed",
            ],
            await client.ReadLogNamesAsync(run));
        Assert.Equal(12, _model.Requests.Count);
        Assert.Equal(1_320, ended.GetProperty("usage").GetProperty("tokens").GetInt32());
    }

    [Fact]
    public async Task Run_RejectedInACommentWhereTheModelIsBusy_AsksAgainOnTheSamePullRequest()
    {
        _repository.CheckOfAll = new FakeCheckRun("build", "success");
        _repository.Git.Commit("main", ("quantapilot.yml", Reworked));
        var busy = 0;
        _model.Answer = request =>
        {
            if (request.Document == "docs/20_requirements.md" && Interlocked.Increment(ref busy) == 1)
                return ChatReply.Error(429, "rate_limit_exceeded").With("Retry-After", "1");
            var isRework = request.Prompt.Contains("too short", StringComparison.Ordinal);
            return ChatReply.Say(ModelAuthor.Document(request, isRework ? "Longer now." : "Short."));
        };
        using var client = new QpClient(_app.Url, Planted.ApiToken);
        var run = await client.StartRunAsync(_repository.Url);
        var asked = await client.WaitForEventAsync(run, "gate_requested");
        var first = Assert.Single(_repository.PullRequests).HeadSha;

        await SendAsync(GitHubHook.Comment(_repository.Url, 1, "octocat", "/reject it is too short"));
        await client.WaitForEventAsync(run, "gate_requested", asked.GetProperty("sequence").GetInt32());
        var second = _repository.PullRequest(1).HeadSha;
        Assert.NotEqual(first, second);
        await SendAsync(GitHubHook.Comment(_repository.Url, 1, "octocat", $"/approve {second}"));
        var ended = await client.WaitForEndAsync(run);

        Assert.True(ended.GetProperty("status").GetString() == "completed", ended.ToString());
        Assert.Contains("Longer now.", _repository.Git.Git("show", "main:docs/ANCHOR.md"), StringComparison.Ordinal);
        Assert.Single(_repository.PullRequests);
        Assert.Equal(2, ended.GetProperty("documentation_round").GetInt32());
        // Eleven documents in two rounds, and the one that the model had no time for.
        Assert.Equal(23, _model.Requests.Count);
    }

    private Task NextLookAtChecksAsync()
    {
        var seen = new TaskCompletionSource();
        _gitHub.Intercept = context =>
        {
            if (context.Request.Path.Value!.EndsWith("/check-runs", StringComparison.Ordinal)) seen.TrySetResult();
            return Task.FromResult(false);
        };
        return seen.Task.WaitAsync(TimeSpan.FromMinutes(1));
    }

    private async Task SendAsync(GitHubHook hook)
    {
        using var http = new HttpClient();
        using var request = hook.ToRequest(new Uri(_app.Url, "/hooks/github"), HookSecret);
        using var answer = await http.SendAsync(request);
        Assert.Equal(
            (HttpStatusCode.Accepted, """{"result":"accepted","runs":1}"""), (answer.StatusCode, await answer.Content.ReadAsStringAsync()));
    }

    private Dictionary<string, string?> Settings() => new()
    {
        ["AzureWebJobsStorage"] = _storage.ConnectionString,
        ["QuantaPilot:BootstrapToken"] = Planted.ApiToken,
        ["QuantaPilot:AllowedRepositories:0"] = $"http://{_gitHub.Host}/acme/*",
        ["QuantaPilot:GitHub:0:Host"] = _gitHub.Host,
        ["QuantaPilot:GitHub:0:ApiUrl"] = _gitHub.ApiUrl,
        ["QuantaPilot:GitHub:0:Token"] = FakeGitHub.Token,
        ["QuantaPilot:GitHub:WebhookSecret"] = HookSecret,
        ["QuantaPilot:GitHub:Approvers:0"] = "octocat",
        ["QuantaPilot:Chat:0:Name"] = "default",
        ["QuantaPilot:Chat:0:Endpoint"] = $"{_model.Endpoint}",
        ["QuantaPilot:Chat:0:Model"] = "loopback-1",
        ["QuantaPilot:Chat:0:Key"] = ChatServer.Key,
        ["QuantaPilot:Chat:1:Name"] = "code",
        ["QuantaPilot:Chat:1:Endpoint"] = $"{_model.Endpoint}",
        ["QuantaPilot:Chat:1:Model"] = "loopback-2",
        ["QuantaPilot:Chat:1:Key"] = ChatServer.Key,
    };
}
