using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using QuantaPilot.Api.Tests.Support;
using QuantaPilot.Core.Contracts;
using QuantaPilot.Core.Runs;
using QuantaPilot.Host.Server;
using QuantaPilot.Integrations.EventGrid;
using QuantaPilot.Integrations.Tests.EventGrid;
using QuantaPilot.Testing;
using TempDirectory = QuantaPilot.Testing.TempDirectory;

namespace QuantaPilot.Api.Tests.Protection;

/// <summary>
/// Secrets and personal data are put wherever text comes in, on the real host with real repositories, programs and remotes;
/// none of it may be in what is answered, published, logged or kept.
/// </summary>
#pragma warning disable CA1001 // xunit disposes it through IAsyncLifetime.
public sealed class PlantedSecretsTests : IAsyncLifetime
#pragma warning restore CA1001
{
    private static readonly TimeSpan _patience = TimeSpan.FromMinutes(1);
    private readonly TempDirectory _directory = new();
    private readonly LogRecorder _log = new();
    private readonly AnswerRecorder _answers = new();
    private readonly StringBuilder _events = new();
    private EventGridServer _topic = null!;
    private GitHttpServer _remote = null!;
    private QuantaPilotServer _server = null!;
    private HttpClient _client = null!;

    public async Task InitializeAsync()
    {
        _topic = await EventGridServer.StartAsync();
        _remote = await GitHttpServer.StartAsync(_directory.Path);
        _server = await QuantaPilotServer.StartAsync(
            new ServerOptions
            {
                DataDirectory = _directory.Combine("data"),
                Url = "http://127.0.0.1:0",
                AllowedRepositories = ["file://*", "http://127.0.0.1:*"],
                AllowedCommands = ["file://*"],
                EventGridTopics = [new EventGridTopic { Name = "all", Endpoint = _topic.Endpoint, Key = EventGridServer.Key }],
                ConfigureServices = services => services.AddLogging(logging => logging.ClearProviders().AddProvider(_log)),
            },
            default);
        _client = new HttpClient(_answers) { BaseAddress = new Uri(_server.Url) };
        _client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", _server.AdminToken);
        _client.DefaultRequestHeaders.Add("X-Note", $"{Planted.Address} {Planted.GitHubToken}");
        _client.DefaultRequestHeaders.UserAgent.ParseAdd($"curl/1 ({Planted.GitHubToken})");
    }

    public async Task DisposeAsync()
    {
        _client.Dispose();
        await _server.DisposeAsync();
        await _remote.DisposeAsync();
        await _topic.DisposeAsync();
        _directory.Dispose();
        _log.Dispose();
    }

    [Fact]
    public async Task Secrets_WhereverTheyComeIn_AreInNothingThatIsToldOrKept()
    {
        var wellDone = Repository("good", Planted.Pipeline, check: "exit 0");
        var plain = Repository("plain", null, check: "exit 0");
        await CompleteAsync(wellDone.Url);
        await EndAtGateAsync(plain.Url, "cancel", new { reason = Planted.Text }, ErrorCodes.Cancelled);
        await EndAtGateAsync(plain.Url, "gates/anchor", new { approved = false, reason = Planted.Text }, ErrorCodes.GateRejected);
        await FailAsync(Repository("bad", Planted.Pipeline, check: "cat secrets.txt >&2; exit 1").Url, ErrorCodes.ChecksFailed, approve: true);
        await FailAsync(Repository("secret", $"version: 1\n# {Planted.GitHubToken}\n", "").Url, ErrorCodes.ConfigurationInvalid);
        var wrong = Repository("wrong", $"version: {Planted.Address}\nmerge: password=Pl4ntedSql\n", "");
        await FailAsync(wrong.Url, ErrorCodes.ConfigurationInvalid);
        var refusing = Repository("refusing", null, "");
        refusing.AddHook("pre-receive", $"cat >&2 <<'END'\n{Planted.Text}\nEND\nexit 1");
        await FailAsync(_remote.UrlOf(refusing), ErrorCodes.PushRefused);
        await SendFaultsAsync();
        await ReadEverythingAsync();
        await _server.DisposeAsync();

        Planted.AssertAbsent("an answer", Bytes(_answers.Answers), _server.AdminToken, EventGridServer.Key);
        Planted.AssertAbsent("an event of a stream", Encoding.UTF8.GetBytes($"{_events}"), _server.AdminToken);
        Planted.AssertAbsent("an event of the topic", Bytes(_topic.Events.Select(e => e.GetRawText())), _server.AdminToken);
        Planted.AssertAbsent("the log", Bytes(_log.Lines), _server.AdminToken, EventGridServer.Key);
        foreach (var file in Directory.EnumerateFiles(_directory.Combine("data"), "*", SearchOption.AllDirectories))
        {
            if (Path.GetFileName(file) == "admin.token") continue;
            Planted.AssertAbsent(file, await File.ReadAllBytesAsync(file), _server.AdminToken, EventGridServer.Key);
        }
        // What was planted did come in: else none of this would say anything.
        Assert.True(_events.ToString().Split("[redacted]").Length > 40, $"{_events}");
        Assert.NotEmpty(_log.Lines);
        Assert.True(_topic.Events.Count > 20);
    }

    private static byte[] Bytes(IEnumerable<string> texts) => Encoding.UTF8.GetBytes(string.Join('\n', texts));

    private GitRepository Repository(string name, string? pipeline, string check)
    {
        var repository = new GitRepository(_directory, name);
        repository.Commit(
            "main",
            [
                ("README.md", $"# Sample\n\nWritten by {Planted.Address}.\n"),
                ("secrets.txt", Planted.Text),
                ("tools/agent.sh", "cat secrets.txt; cat secrets.txt >&2; echo done > done.txt"),
                ("check.sh", check),
                .. pipeline is null ? [] : new[] { ("quantapilot.yml", pipeline) },
            ]);
        return repository;
    }

    /// <summary>Paused and resumed at its first gate, approved at all of them.</summary>
    private async Task CompleteAsync(string repoUrl)
    {
        var run = await StartAsync(repoUrl);
        using var stream = await _client.StreamAsync($"/runs/{run}/events");
        await UntilAsync(stream, "gate_requested");
        await PostAsync($"/runs/{run}/pause", new { reason = Planted.Text }, HttpStatusCode.Accepted);
        await UntilAsync(stream, "run_paused");
        await PostAsync($"/runs/{run}/resume", new { }, HttpStatusCode.Accepted);
        await UntilAsync(stream, "run_resumed");
        foreach (var gate in new[] { "anchor", "milestone:M-001" })
        {
            if (gate != "anchor") await UntilAsync(stream, "gate_requested");
            await PostAsync($"/runs/{run}/gates/{gate}", new { approved = true, reason = Planted.Text }, HttpStatusCode.OK);
        }
        await UntilAsync(stream, "run_completed");
    }

    private async Task EndAtGateAsync(string repoUrl, string path, object body, string code)
    {
        var run = await StartAsync(repoUrl);
        using var stream = await _client.StreamAsync($"/runs/{run}/events");
        await UntilAsync(stream, "gate_requested");
        using var answer = await _client.PostAsJsonAsync($"/runs/{run}/{path}", body);
        Assert.True(answer.IsSuccessStatusCode, $"{path}: {answer.StatusCode}");
        await AssertFailsAsync(stream, code);
    }

    private async Task FailAsync(string repoUrl, string code, bool approve = false)
    {
        var run = await StartAsync(repoUrl);
        using var stream = await _client.StreamAsync($"/runs/{run}/events");
        if (approve)
        {
            await UntilAsync(stream, "gate_requested");
            await PostAsync($"/runs/{run}/gates/anchor", new { approved = true, reason = Planted.Text }, HttpStatusCode.OK);
        }
        await AssertFailsAsync(stream, code);
    }

    private async Task AssertFailsAsync(EventReader stream, string code)
    {
        var data = (await UntilAsync(stream, "run_failed")).Data.GetProperty("data");
        Assert.True(data.GetProperty("error_code").GetString() == code, $"{data}");
    }

    private async Task<StreamedEvent> UntilAsync(EventReader stream, string name)
    {
        while (true)
        {
            var e = (await stream.TakeAsync(1).WaitAsync(_patience))[0];
            _events.AppendLine($"{e.Id} {e.Type} {e.Data.GetRawText()}");
            if (e.Type == CloudEvent.TypePrefix + name) return e;
            Assert.True(e.Type != "quantapilot.run_failed", $"{e.Data}");
        }
    }

    private async Task<RunId> StartAsync(string repoUrl)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/run");
        request.Content = JsonContent.Create(new { repo_url = repoUrl, branch = "main" });
        request.Headers.Add("Idempotency-Key", $"{Planted.GitHubToken}{Guid.NewGuid()}");
        using var answer = await _client.SendAsync(request);
        return (await answer.OkAsync(CoreJson.Default.RunAccepted, HttpStatusCode.Accepted)).RunId;
    }

    private async Task PostAsync(string path, object body, HttpStatusCode status)
    {
        using var answer = await _client.PostAsJsonAsync(path, body);
        Assert.True(answer.StatusCode == status, await answer.Content.ReadAsStringAsync());
    }

    /// <summary>Requests that are refused, each with a secret where it has no business.</summary>
    private async Task SendFaultsAsync()
    {
        const string Url = "https://example.com/org/project";
        (object Body, string Path)[] bodies =
        [
            (new { repo_url = Planted.Url, branch = "main" }, "/run"),
            (new { repo_url = Url + "/" + Planted.GitHubToken, branch = "main" }, "/run"),
            (new { repo_url = Url, branch = Planted.GitHubToken }, "/run"),
            (new { repo_url = Url, branch = "main", quantapilot_yaml_path = Planted.GitHubToken + ".yml" }, "/run"),
            (new { repo_url = Url, branch = "main", correlation_id = Planted.Address }, "/run"),
            (new Dictionary<string, string> { [Planted.GitHubToken] = "x", [Planted.Address] = "y" }, "/run"),
            (new { name = Planted.GitHubToken, roles = new[] { "consumer" } }, "/tokens"),
            (new { name = "x", roles = new[] { Planted.Address }, projects = new[] { Planted.Url } }, "/tokens"),
            (new { reason = new { text = Planted.Text } }, $"/runs/{new string('0', 32)}/pause"),
        ];
        foreach (var (body, path) in bodies)
        {
            using var answer = await _client.PostAsJsonAsync(path, body);
            Assert.InRange((int)answer.StatusCode, 400, 404);
        }
        string[] paths =
            [$"/runs?{Planted.GitHubToken}=1", $"/runs?cursor={Planted.ApiToken}", $"/runs?project={Planted.Url}", $"/{Planted.ApiToken}"];
        foreach (var path in paths)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, path);
            request.Headers.Add("Prefer", $"wait={Planted.ApiToken}");
            using var answer = await _client.SendAsync(request);
            Assert.InRange((int)answer.StatusCode, 400, 404);
        }
        using var stream = new HttpRequestMessage(HttpMethod.Get, "/events");
        stream.Headers.Add("Last-Event-ID", Planted.ApiToken);
        using var refused = await _client.SendAsync(stream);
        await refused.ProblemAsync(HttpStatusCode.BadRequest, ErrorCodes.InvalidRequest);
        using var stranger = new HttpRequestMessage(HttpMethod.Get, "/runs");
        stranger.Headers.Authorization = new AuthenticationHeaderValue("Bearer", Planted.ApiToken);
        using var unknown = await _client.SendAsync(stranger);
        await unknown.ProblemAsync(HttpStatusCode.Unauthorized, ErrorCodes.Unauthenticated);
    }

    /// <summary>Every list and resource, so that the recorder has them.</summary>
    private async Task ReadEverythingAsync()
    {
        var runs = await (await _client.GetAsync("/runs?limit=200")).OkAsync(CoreJson.Default.ResourcePageRunResource);
        Assert.Equal(7, runs.Items.Count);
        var ofRuns = runs.Items.Select(run => $"/runs/{run.RunId}").SelectMany(run => new[] { run, run + "/gates", run + "/events" });
        foreach (var path in (string[])[.. ofRuns, "/gates", "/tokens", "/deliveries?limit=200"])
            (await _client.GetAsync(path)).EnsureSuccessStatusCode();
    }
}
