using System.Net;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using QuantaPilot.Functions.Tests.Support;
using QuantaPilot.Integrations.Tests.EventGrid;
using QuantaPilot.Testing;

namespace QuantaPilot.Functions.Tests.Secrecy;

/// <summary>
/// Secrets and personal data come in wherever the app takes text; none of it may be in what it answers, sends and logs. The suite's
/// last test looks through its log lines.
/// </summary>
#pragma warning disable CA1001 // xunit disposes of it through IAsyncLifetime.
public sealed class PlantedSecretsTests : IAsyncLifetime
#pragma warning restore CA1001
{
    private readonly TempDirectory _directory = new();
    private readonly LeakProbe _probe = Leaks.Probe();
    private Azurite _storage = null!;
    private GitHttpServer _remote = null!;
    private EventGridServer _topic = null!;
    private WebhookReceiver _receiver = null!;
    private AppInProcess _app = null!;
    private QpClient _client = null!;

    public async Task InitializeAsync()
    {
        _storage = await Azurite.StartAsync();
        _remote = await GitHttpServer.StartAsync(_directory.Path);
        _topic = await EventGridServer.StartAsync();
        _receiver = await WebhookReceiver.StartAsync();
        _app = await AppInProcess.StartAsync(
            new Dictionary<string, string?>
            {
                ["AzureWebJobsStorage"] = _storage.ConnectionString,
                ["QuantaPilot:AllowedRepositories:0"] = "http://127.0.0.1:*",
                ["QuantaPilot:BootstrapToken"] = Planted.ApiToken,
                ["QuantaPilot:Webhooks:AllowedHosts:0"] = "127.0.0.1",
                ["QuantaPilot:EventGrid:Topics:0:Name"] = "all",
                ["QuantaPilot:EventGrid:Topics:0:Endpoint"] = $"{_topic.Endpoint}",
                ["QuantaPilot:EventGrid:Topics:0:Key"] = EventGridServer.Key,
            },
            app => app.MapGet("/leak-probe", () => _probe.Token));
        _client = new QpClient(_app.Url, Planted.ApiToken);
    }

    public async Task DisposeAsync()
    {
        _client.Dispose();
        await _app.DisposeAsync();
        await _receiver.DisposeAsync();
        await _topic.DisposeAsync();
        await _remote.DisposeAsync();
        await _storage.DisposeAsync();
        _directory.Dispose();
    }

    [Fact]
    public async Task Secrets_WhereverTheyComeIn_AreInNothingThatIsAnsweredOrSent()
    {
        var (lines, published) = (Leaks.Lines, Leaks.Published);
        var (status, _) = await _client.SendAsync(HttpMethod.Post, "/subscriptions", new { url = _receiver.Url });
        Assert.Equal(HttpStatusCode.Created, status);
        await AssertEndsAsync("completed", await PauseAndApproveAsync(UrlOf("good", null)));
        await AssertEndsAsync("failed", await RejectAsync(UrlOf("rejected", null)));
        await AssertEndsAsync("failed", await StartAsync(UrlOf("wrong", $"version: {Planted.Address}\n# {Planted.GitHubToken}\n")));
        await SendFaultsAsync();
        await ReadEverythingAsync();

        var topic = _topic.Events.Select(e => e.GetRawText()).ToList();
        var webhooks = _receiver.Received.Select(webhook => Encoding.UTF8.GetString(webhook.Body)).ToList();
        Planted.AssertAbsent("an event of the topic", Encoding.UTF8.GetBytes(string.Join('\n', topic)));
        Planted.AssertAbsent("a webhook", Encoding.UTF8.GetBytes(string.Join('\n', webhooks)));
        // What was planted did come in, and what went out was looked at: else none of this would say anything.
        Assert.Contains(topic, e => e.Contains("[redacted]", StringComparison.Ordinal));
        Assert.Contains(webhooks, e => e.Contains("[redacted]", StringComparison.Ordinal));
        Assert.True(Leaks.Lines > lines && Leaks.Published > published + 30);
    }

    [Fact]
    public async Task Secret_ThatTheAppAnswersOrLogs_WouldBeFound()
    {
        using var http = new HttpClient();
        Assert.Equal(_probe.Token, await http.GetStringAsync(new Uri(_app.Url, "/leak-probe")));
        var logger = _app.Services.GetRequiredService<ILogger<PlantedSecretsTests>>();
#pragma warning disable CA1848, CA2254 // As one would write that does not know better.
        logger.LogWarning(_probe.Token);
#pragma warning restore CA1848, CA2254

        Assert.Equal(2, _probe.Found.Count);
        Assert.StartsWith("The answer to GET /leak-probe holds", _probe.Found[0], StringComparison.Ordinal);
        Assert.StartsWith("A log line holds", _probe.Found[1], StringComparison.Ordinal);
    }

    private string UrlOf(string name, string? pipeline)
    {
        var repository = new GitRepository(_directory, name);
        (string, string)[] files =
        [
            ("README.md", $"# Sample\n\nWritten by {Planted.Address}, with {Planted.GitHubToken}.\n"),
            ("secrets.txt", Planted.Text),
        ];
        repository.Commit("main", pipeline is null ? files : [.. files, ("quantapilot.yml", pipeline)]);
        return _remote.UrlOf(repository);
    }

    private Task<string> StartAsync(string repoUrl) => _client.StartRunAsync(repoUrl, key: $"{Planted.GitHubToken}{Guid.NewGuid()}");

    private async Task<string> PauseAndApproveAsync(string repoUrl)
    {
        var run = await StartAsync(repoUrl);
        await _client.WaitForEventAsync(run, "gate_requested");
        await PostAsync($"/runs/{run}/pause", new { reason = Planted.Text }, HttpStatusCode.Accepted);
        await _client.WaitForEventAsync(run, "run_paused");
        await PostAsync($"/runs/{run}/resume", new { }, HttpStatusCode.Accepted);
        await _client.WaitForEventAsync(run, "run_resumed");
        await PostAsync($"/runs/{run}/gates/anchor", new { approved = true, reason = Planted.Text }, HttpStatusCode.OK);
        return run;
    }

    private async Task<string> RejectAsync(string repoUrl)
    {
        var run = await StartAsync(repoUrl);
        await _client.WaitForEventAsync(run, "gate_requested");
        await PostAsync($"/runs/{run}/gates/anchor", new { approved = false, reason = Planted.Text }, HttpStatusCode.OK);
        return run;
    }

    private async Task AssertEndsAsync(string expected, string run)
    {
        var ended = await _client.WaitForEndAsync(run);
        Assert.True(ended.GetProperty("status").GetString() == expected, $"{ended}");
    }

    private async Task PostAsync(string path, object body, HttpStatusCode expected)
    {
        var (status, answer) = await _client.SendAsync(HttpMethod.Post, path, body);
        Assert.True(status == expected, $"{path}: {status} {answer}");
    }

    /// <summary>Requests that are refused, each with a secret where it has no business.</summary>
    private async Task SendFaultsAsync()
    {
        (string Path, object Body)[] faults =
        [
            ("/run", new { repo_url = Planted.Url, branch = "main" }),
            ("/run", new { repo_url = _remote.Url + "/x", branch = Planted.GitHubToken }),
            ("/run", new Dictionary<string, string> { [Planted.GitHubToken] = "x", [Planted.Address] = "y" }),
            ("/tokens", new { name = "x", roles = new[] { Planted.Address }, projects = new[] { Planted.Url } }),
            ($"/{Planted.ApiToken}", new { }),
        ];
        foreach (var (path, body) in faults)
        {
            var (status, answer) = await _client.SendAsync(HttpMethod.Post, path, body);
            Assert.True((int)status is >= 400 and < 405, $"{path}: {status} {answer}");
        }
    }

    /// <summary>Every list and resource.</summary>
    private async Task ReadEverythingAsync()
    {
        var (_, runs) = await _client.SendAsync(HttpMethod.Get, "/runs");
        var ofRuns = runs.GetProperty("items").EnumerateArray().Select(run => $"/runs/{run.GetProperty("run_id").GetString()}").ToList();
        Assert.Equal(3, ofRuns.Count);
        string[] paths =
        [
            .. ofRuns.SelectMany(run => new[] { run, run + "/gates", run + "/events", run + "/logs" }),
            "/gates", "/tokens", "/audit", "/subscriptions",
        ];
        foreach (var path in paths)
        {
            var (status, answer) = await _client.SendAsync(HttpMethod.Get, path);
            Assert.True(status == HttpStatusCode.OK && answer.ValueKind == JsonValueKind.Object, $"{path}: {status} {answer}");
        }
    }
}
