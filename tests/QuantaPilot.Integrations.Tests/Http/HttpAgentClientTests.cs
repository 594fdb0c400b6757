using Microsoft.AspNetCore.Http;
using QuantaPilot.Core.Contracts;
using QuantaPilot.Core.Ports;
using QuantaPilot.Core.Runs;
using QuantaPilot.Core.Subscriptions;
using QuantaPilot.Integrations.Http;
using QuantaPilot.Testing.Agents;

namespace QuantaPilot.Integrations.Tests.Http;

/// <summary>Tasks posted to a real agent on loopback.</summary>
public sealed class HttpAgentClientTests : IAsyncLifetime
{
    private const string Name = "build-farm";
    private static readonly RunId _run = RunId.Parse(new string('a', 32));
    private readonly PublicUrl _publicUrl = new();
    private HttpAgentServer _agent = null!;
    private HttpAgentClient _client = null!;

    public async Task InitializeAsync()
    {
        _agent = await HttpAgentServer.StartAsync();
        _client = Client("127.0.0.1");
        _publicUrl.Set("https://pilot.example.com/qp");
    }

    public async Task DisposeAsync()
    {
        _client.Dispose();
        await _agent.DisposeAsync();
    }

    [Fact]
    public async Task Post_Task_IsSignedAndARepeatHasTheSameKey()
    {
        Assert.Equal($"{_agent.Url}/1", await _client.PostAsync(Name, Message(), default));
        await _client.PostAsync(Name, Message(), default);
        await _client.PostAsync(Name, Message() with { Round = 3 }, default);

        var (task, repeat, rework) = (await _agent.NextTaskAsync(), await _agent.NextTaskAsync(), await _agent.NextTaskAsync());
        Assert.True(task.IsSigned && repeat.IsSigned && rework.IsSigned);
        Assert.Equal($"https://pilot.example.com/qp/runs/{_run}/agents/M-001:1/2", task.CallbackUrl);
        Assert.Equal("not good enough", task.Text("feedback"));
        Assert.Equal("2026-01-02T03:04:05+00:00", task.Text("deadline"));
        Assert.Equal(task.IdempotencyKey, repeat.IdempotencyKey);
        Assert.NotEqual(task.IdempotencyKey, rework.IdempotencyKey);
        Assert.Null(SchemaSet.FindFault("agent_task", task.Json.GetRawText()));
    }

    [Fact]
    public async Task Post_HostIsNotUpYet_WaitsForItsUrl()
    {
        var publicUrl = new PublicUrl();
        using var client = new HttpAgentClient(
            Endpoints("127.0.0.1"),
            new WebhookTargets(["127.0.0.1"]),
            publicUrl,
            TimeProvider.System,
            CheckedLogger.For<HttpAgentClient>());
        var posting = client.PostAsync(Name, Message(), default);
        Assert.False(posting.IsCompleted);

        publicUrl.Set("http://127.0.0.1:7071");
        await posting;

        Assert.StartsWith("http://127.0.0.1:7071/runs/", (await _agent.NextTaskAsync()).CallbackUrl, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(400, false)]
    [InlineData(401, false)]
    [InlineData(404, false)]
    [InlineData(302, false)]
    [InlineData(408, true)]
    [InlineData(429, true)]
    [InlineData(500, true)]
    [InlineData(503, true)]
    public async Task Post_Refused_IsTransientIfItMayBeTakenLater(int status, bool transient)
    {
        _agent.Answer = context =>
        {
            context.Response.StatusCode = status;
            context.Response.Headers.RetryAfter = "40";
            context.Response.Headers.Location = _agent.Url + "/elsewhere";
            return Task.CompletedTask;
        };

        var error = await Assert.ThrowsAsync<StepException>(() => _client.PostAsync(Name, Message(), default));

        Assert.Equal((ErrorCodes.AgentFailed, transient), (error.Code, error.IsTransient));
        Assert.Equal(transient ? TimeSpan.FromSeconds(40) : null, error.RetryAfter);
        Assert.Contains($"'{Name}' did not accept the task: it answered {status}", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Post_NobodyThere_IsTransient()
    {
        await _agent.DisposeAsync();

        var error = await Assert.ThrowsAsync<StepException>(() => _client.PostAsync(Name, Message(), default));

        Assert.Equal((ErrorCodes.AgentFailed, true), (error.Code, error.IsTransient));
    }

    [Fact]
    public void Endpoint_OnAPrivateAddressThatIsNotAllowed_IsRefused()
    {
        var error = Assert.Throws<FormatException>(() => Endpoints("other.example.com"));

        Assert.Contains("The URL of the agent 'build-farm' must begin with https://", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"task_url":"https://other.example.com/1"}""", null)]
    [InlineData("""{"task_url":"x"}""", null)]
    [InlineData("""{"accepted":true}""", null)]
    [InlineData("not json", null)]
    [InlineData("""{"task_url":"SELF/7"}""", "SELF/7")]
    public async Task Post_Accepted_TaskUrlCountsOnItsOwnHostOnly(string body, string? expected)
    {
        _agent.Answer = context =>
        {
            context.Response.StatusCode = 200;
            context.Response.ContentType = "application/json";
            return context.Response.WriteAsync(body.Replace("SELF", _agent.Url, StringComparison.Ordinal));
        };

        Assert.Equal(expected?.Replace("SELF", _agent.Url, StringComparison.Ordinal), await _client.PostAsync(Name, Message(), default));
    }

    [Fact]
    public async Task Stop_TellsTheAgentSignedAndNeverAnotherHost()
    {
        await _client.StopAsync(Name, "https://other.example.com/1", default);
        await _client.StopAsync(Name, $"{_agent.Url}/1", default);

        Assert.True(await _agent.NextStopAsync());
    }

    [Fact]
    public async Task Stop_NobodyThere_IsOnlyLogged()
    {
        var url = $"{_agent.Url}/1";
        await _agent.DisposeAsync();

        Assert.Null(await Record.ExceptionAsync(() => _client.StopAsync(Name, url, default)));
    }

    [Theory]
    [InlineData("build farm", "https://example.com/", null, "can't name an agent")]
    [InlineData("farm", "http://example.com/", null, "must begin with https://")]
    [InlineData("farm", "https://example.com/", "secret", "secret of the agent 'farm' is missing or not accepted")]
    [InlineData("farm", "https://example.com/", "whsec_AAAA", "secret of the agent 'farm' is missing or not accepted")]
    public void Endpoint_NotAccepted_IsNamedWithoutItsSecret(string name, string url, string? secret, string why)
    {
        var endpoint = new HttpAgentEndpoint { Name = name, Url = url, Secret = secret ?? HttpAgentServer.Secret };

        var error = Assert.Throws<FormatException>(() => new HttpAgentEndpoints([endpoint], new WebhookTargets([])));

        Assert.Contains(why, error.Message, StringComparison.Ordinal);
        if (secret == "whsec_AAAA") Assert.DoesNotContain(secret, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(endpoint.Secret, $"{endpoint}", StringComparison.Ordinal);
    }

    [Fact]
    public void FindRefusal_ByNameAndProject_LetsInWhatTheSettingsName()
    {
        const string Ours = "https://github.com/ours/project";
        var endpoint = new HttpAgentEndpoint { Name = Name, Url = "https://example.com/", Secret = HttpAgentServer.Secret };
        var endpoints = new HttpAgentEndpoints(
            [endpoint with { Projects = ["https://github.com/ours/*"] }], new WebhookTargets([]));

        Assert.Null(endpoints.FindRefusal(Name, Ours + ".git"));
        var refusal = endpoints.FindRefusal(Name, "https://github.com/theirs/project");
        Assert.Contains("don't give tasks of this repository", refusal, StringComparison.Ordinal);
        Assert.Contains("no agent named 'Build-farm'", endpoints.FindRefusal("Build-farm", Ours), StringComparison.Ordinal);
    }

    private static AgentTaskMessage Message() => new(
        _run, "M-001/1", 2, "https://example.com/org/project.git", "main", $"quantapilot/{_run}/M-001", new string('1', 40), "write", null,
        "not good enough", ["works"], null, new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero));

    private HttpAgentEndpoints Endpoints(string allowed) => new(
        [new HttpAgentEndpoint { Name = Name, Url = _agent.Url, Secret = HttpAgentServer.Secret }], new WebhookTargets([allowed]));

    private HttpAgentClient Client(string allowed) => new(
        Endpoints(allowed), new WebhookTargets([allowed]), _publicUrl, TimeProvider.System, CheckedLogger.For<HttpAgentClient>());
}
