using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using QuantaPilot.Api.Tests.Support;
using QuantaPilot.Core.Contracts;
using QuantaPilot.Core.Ports;
using QuantaPilot.Core.Runs;
using QuantaPilot.Engine;
using QuantaPilot.Host.Server;
using QuantaPilot.Integrations.GitHub;
using QuantaPilot.Testing;
using QuantaPilot.Testing.GitHub;

namespace QuantaPilot.Api.Tests.Hooks;

/// <summary>A whole run on a whole server over a repository on a fake GitHub, which tells of what happens there.</summary>
public sealed class GitHubRunTests : IAsyncLifetime, IDisposable
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(30);
    private readonly Testing.TempDirectory _directory = new();
    private readonly FakeTimeProvider _time = new(Scenario.Start);
    private FakeGitHub _gitHub = null!;
    private FakeGitHubRepository _repository = null!;
    private QuantaPilotServer _server = null!;
    private HttpClient _client = null!;

    public async Task InitializeAsync()
    {
        _gitHub = await FakeGitHub.StartAsync(_directory);
        var git = new GitRepository(_directory, "acme/sample");
        git.Commit("main", ("README.md", "# Sample\n\nIt greets.\n"));
        _repository = _gitHub.Add("acme/sample", git);
        _repository.RequiredChecks.Add("build");
        var options = new ServerOptions
        {
            DataDirectory = _directory.Combine("data"),
            Url = "http://127.0.0.1:0",
            AllowedRepositories = [$"http://{_gitHub.Host}/acme/*"],
            GitHub = [new GitHubHost { Host = _gitHub.Host, ApiUrl = new Uri(_gitHub.ApiUrl), Token = FakeGitHub.Token }],
            GitHubHooks = GitHubSender.Options,
            ConfigureServices = services => services.AddSingleton<TimeProvider>(_time),
        };
        _server = await QuantaPilotServer.StartAsync(options, default);
        _client = _server.Client();
    }

    public async Task DisposeAsync()
    {
        _client.Dispose();
        await _server.DisposeAsync();
        await _gitHub.DisposeAsync();
    }

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task Run_ToldOfChecksAndAPush_AsksForTheHeadThatIsReadyAndIsDecidedByAComment()
    {
        using var started = await _client.PostAsync("/run", ApiHost.Json($$"""{"repo_url":"{{_repository.Url}}","branch":"main"}"""));
        var runId = (await started.OkAsync(CoreJson.Default.RunAccepted, HttpStatusCode.Accepted)).RunId;
        using var request = new HttpRequestMessage(HttpMethod.Get, $"/runs/{runId}/events");
        request.Headers.Accept.ParseAdd("text/event-stream");
        using var stream = await _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        using var events = new EventReader(await stream.Content.ReadAsStreamAsync());
        Assert.Equal("quantapilot.documentation_generated", (await events.TakeAsync(2).WaitAsync(_patience))[^1].Type);
        var pull = _repository.PullRequest(1);
        Assert.True(pull.Draft);
        Assert.Equal(["quantapilot"], pull.Labels);
        Assert.Contains($"run `{runId}`, gate `anchor`", pull.Body, StringComparison.Ordinal);

        _repository.SetCheck(pull.HeadSha, new FakeCheckRun("build", "success"));
        await TellAsync("check_run", GitHubSender.CheckRun(pull.HeadSha));
        // The forge was looked at a moment ago: some seconds must pass.
        Assert.Equal("quantapilot.gate_requested", (await _time.PatientlyAsync(events.TakeAsync(1)))[0].Type);
        Assert.False(_repository.PullRequest(1).Draft);

        var moved = _repository.Git.PushOnTop(pull.Head);
        _repository.SetCheck(moved, new FakeCheckRun("build", "success"));
        await TellAsync("push", GitHubSender.Push(pull.Head, moved));
        Assert.Equal("quantapilot.gate_requested", (await events.TakeAsync(1).WaitAsync(_patience))[0].Type);
        var gates = await (await _client.GetAsync("/gates")).OkAsync(CoreJson.Default.ResourcePageGateResource);
        Assert.Equal(moved, Assert.Single(gates.Items).Review.HeadSha);

        var now = _time.GetUtcNow().ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", System.Globalization.CultureInfo.InvariantCulture);
        await TellAsync("issue_comment", GitHubSender.Comment($"/approve {moved[..10]} reads well", "olga", createdAt: now));
        Assert.Equal("quantapilot.run_completed", (await events.ToEndAsync().WaitAsync(_patience))[^1].Type);
        var engine = _server.Services.GetRequiredService<EmbeddedEngine>();
        var state = await engine.WaitForEndAsync($"{runId}", default).WaitAsync(_patience);
        Assert.Equal(OrchestrationStatus.Completed, state!.Status);

        pull = _repository.PullRequest(1);
        Assert.False(pull.IsOpen);
        Assert.Equal(_repository.Head("main"), pull.MergeSha);
        Assert.Null(_repository.Head(pull.Head));
        Assert.Equal(2, pull.Comments.Count);
        Assert.Contains(pull.Comments, comment => comment.Body.EndsWith("Gate `anchor` is approved.", StringComparison.Ordinal));
        Assert.Contains(pull.Comments, comment => comment.Body.Contains(
            $"**Gate `anchor`: approved** at {moved}\n\n- github:olga approved: reads well\n", StringComparison.Ordinal));
        var audit = await (await _client.GetAsync($"/audit?run_id={runId}")).OkAsync(CoreJson.Default.ResourcePageAuditEntry);
        Assert.Contains(audit.Items, entry => entry.Actor == "github:olga" && entry.Gate == Gate.Anchor);
    }

    [Fact]
    public async Task Run_WhoseChecksFail_EndsNamingThem()
    {
        _repository.CheckOfAll = new FakeCheckRun("build", "failure", "3 tests failed");

        using var started = await _client.PostAsync("/run", ApiHost.Json($$"""{"repo_url":"{{_repository.Url}}","branch":"main"}"""));
        var runId = (await started.OkAsync(CoreJson.Default.RunAccepted, HttpStatusCode.Accepted)).RunId;
        using var request = new HttpRequestMessage(HttpMethod.Get, $"/runs/{runId}");
        request.Headers.Add("Prefer", "wait=60");
        using var answer = await _client.SendAsync(request);

        var run = await answer.OkAsync(CoreJson.Default.RunResource);
        Assert.Equal(ErrorCodes.ChecksFailed, run.Error?.ErrorCode);
        Assert.Contains("build: 3 tests failed (http", run.Error!.Message, StringComparison.Ordinal);
        Assert.True(_repository.PullRequest(1) is { Draft: true, IsOpen: true });
    }

    private async Task TellAsync(string kind, string body)
    {
        var request = GitHubSender.Request(kind, body.Replace(GitHubSender.Project, _repository.Url, StringComparison.Ordinal));
        request.RequestUri = new Uri(new Uri(_server.Url), request.RequestUri!);
        using var answer = await _client.SendAsync(request);
        Assert.Equal(HookResult.Accepted, (await answer.OkAsync(CoreJson.Default.HookAnswer, HttpStatusCode.Accepted)).Result);
    }
}
