using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using QuantaPilot.Api.Tests.Support;
using QuantaPilot.Core.Contracts;
using QuantaPilot.Core.Orchestrations;
using QuantaPilot.Core.Ports;
using QuantaPilot.Core.Runs;

namespace QuantaPilot.Api.Tests;

public sealed class RunTests : IAsyncLifetime
{
    private const string Body = """{"repo_url":"https://Example.com/org/project.git","branch":"main"}""";
    private ApiHost _host = null!;

    public async Task InitializeAsync() => _host = await ApiHost.StartAsync();

    public async Task DisposeAsync() => await _host.DisposeAsync();

    [Fact]
    public async Task Start_ValidRequest_StoresTheRunAndStartsItsOrchestration()
    {
        const string CorrelationId = "123e4567-e89b-12d3-a456-426614174000";
        using var answer = await _host.Admin.PostAsync("/run", ApiHost.Json(
            $$"""{"repo_url":"https://Example.com/org/project.git","branch":"main","quantapilot_yaml_path":"ci/qp.yml","correlation_id":"{{CorrelationId}}"}"""));

        var accepted = await answer.OkAsync(CoreJson.Default.RunAccepted, HttpStatusCode.Accepted);
        Assert.Equal(CorrelationId, accepted.CorrelationId);
        Assert.Equal(accepted.StatusUrl, answer.Headers.Location?.ToString());
        Assert.NotNull(answer.Headers.RetryAfter);
        Assert.Equal(
            new RunInput(accepted.RunId, "https://example.com/org/project.git", "main", "ci/qp.yml", CorrelationId),
            _host.Engine.Started[accepted.RunId.ToString()]);
        var run = await (await _host.Admin.GetAsync(accepted.StatusUrl)).OkAsync(CoreJson.Default.RunResource);
        Assert.Equal((RunStatus.Queued, "https://example.com/org/project", "admin"), (run.Status, run.Project, run.RequestedBy));
        Assert.Equal(HttpStatusCode.OK, (await _host.Admin.GetAsync(accepted.EventsUrl)).StatusCode);
    }

    [Fact]
    public async Task Start_RepositoryThatTheSettingsDoNotAllow_IsRefused()
    {
        using var answer = await _host.Admin.PostAsync("/run", ApiHost.Json("""{"repo_url":"https://elsewhere.org/o/p","branch":"main"}"""));

        var problem = await answer.ProblemAsync(HttpStatusCode.Forbidden, ErrorCodes.RepositoryNotAllowed);
        Assert.Equal(["repo_url"], problem.Errors!.Keys);
        Assert.Empty(_host.Engine.Started);
    }

    [Fact]
    public async Task Start_FiftyTimesAtOnceWithOneKey_IsOneRun()
    {
        var accepted = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => PostAsync(_host.Admin, "key-1", Body)));

        Assert.Single(accepted.Distinct());
        Assert.Single(_host.Engine.Started);
        var listed = await (await _host.Admin.GetAsync("/runs")).OkAsync(CoreJson.Default.ResourcePageRunResource);
        Assert.Equal(accepted[0].RunId, Assert.Single(listed.Items).RunId);
        Assert.Equal(accepted[0].CorrelationId, listed.Items[0].CorrelationId);
    }

    [Fact]
    public async Task Start_OneKeyWithAnotherBody_IsAConflictThatNamesTheRun()
    {
        var first = await PostAsync(_host.Admin, "key-1", Body);

        using var answer = await SendAsync(_host.Admin, "key-1", Body.Replace("main", "other", StringComparison.Ordinal));

        var problem = await answer.ProblemAsync(HttpStatusCode.UnprocessableEntity, ErrorCodes.IdempotencyConflict);
        Assert.Equal(first.RunId.ToString(), problem.RunId);
        Assert.Single(_host.Engine.Started);
    }

    [Fact]
    public async Task Start_OneKeyOfTwoCallers_AreTwoRuns()
    {
        using var other = await _host.ClientAsync("other", TokenRole.Operator);

        var first = await PostAsync(_host.Admin, "key-1", Body);
        var second = await PostAsync(other, "key-1", Body);

        Assert.NotEqual(first.RunId, second.RunId);
    }

    [Fact]
    public async Task Start_RepeatedAfterACrashBeforeTheStart_StartsTheOrchestration()
    {
        var first = await PostAsync(_host.Admin, "key-1", Body);
        _host.Engine.Forget(first.RunId.ToString());

        await PostAsync(_host.Admin, "key-1", Body);

        Assert.Contains(first.RunId.ToString(), _host.Engine.Started.Keys);
    }

    [Theory]
    [InlineData("a\tb")]
    [InlineData("a b")]
    [InlineData("\u00e9")]
    public async Task Start_IllFormedKey_IsRefused(string key)
    {
        using var answer = await SendAsync(_host.Admin, key, Body);

        var problem = await answer.ProblemAsync(HttpStatusCode.BadRequest, ErrorCodes.InvalidRequest);
        Assert.Equal(["Idempotency-Key"], problem.Errors!.Keys);
    }

    [Fact]
    public async Task TellUntoldRuns_AfterACrash_StartsAndDecidesAgain()
    {
        var queued = await _host.AddRunAsync(Scenario.Run());
        _host.Engine.Forget(queued.ToString());
        var decided = await _host.AddRunAsync(Scenario.Run(), Scenario.Started(), Scenario.AnchorRequested());
        await _host.Store.VoteAsync(decided, Gate.Anchor, new Vote("ann", true, "good", Scenario.Start), null, default);
        await _host.AddRunAsync(Scenario.Run(), Scenario.Started(), Scenario.Completed(2));

        await _host.Services.TellUntoldRunsAsync(default);

        Assert.Contains(queued.ToString(), _host.Engine.Started.Keys);
        var (instance, signal) = Assert.Single(_host.Engine.Raised);
        Assert.Equal(decided.ToString(), instance);
        Assert.Equal(new RunSignal(RunSignalKind.Decision, Decision: new GateDecision(Gate.Anchor, 1, true, "good", "ann")), signal);
    }

    [Fact]
    public async Task TellUntoldRuns_OneCanNotBeToldYet_TellsTheOthers()
    {
        var busy = await AddDecidedAsync();
        _host.Engine.Busy = busy.ToString();
        var other = await AddDecidedAsync();

        await _host.Services.TellUntoldRunsAsync(default);

        Assert.Equal(other.ToString(), Assert.Single(_host.Engine.Raised).InstanceId);
    }

    [Fact]
    public async Task TellUntoldRunsAgain_RunIsPaused_IsToldOnceItIsResumed()
    {
        var run = await AddDecidedAsync();
        await _host.Store.AppendAsync(run, [new RunPaused("lunch") { Revision = 3, Sequence = 3, At = Scenario.Start }], default);
        await _host.Services.TellUntoldRunsAgainAsync(default);
        Assert.Empty(_host.Engine.Raised);

        await _host.Store.AppendAsync(run, [Scenario.Tick(4)], default);
        await _host.Services.TellUntoldRunsAgainAsync(default);
        Assert.Equal(run.ToString(), Assert.Single(_host.Engine.Raised).InstanceId);
    }

    [Fact]
    public async Task Cancel_OrchestrationTakesNothingYet_IsUnavailable()
    {
        var run = await _host.AddRunAsync(Scenario.Run());
        _host.Engine.Busy = run.ToString();

        using var answer = await _host.Admin.PostAsync($"/runs/{run}/cancel", ApiHost.Json("{}"));

        await answer.ProblemAsync(HttpStatusCode.ServiceUnavailable, ErrorCodes.Unavailable);
        Assert.Equal(TimeSpan.FromSeconds(5), answer.Headers.RetryAfter?.Delta);
    }

    [Fact]
    public async Task List_ByCursorAndFilter_GivesEachRunOnceNewestFirst()
    {
        var ids = new List<RunId>();
        for (var i = 0; i < 7; i++) ids.Add(await _host.AddRunAsync(Scenario.Run($"https://example.com/org/p{i % 2}")));
        var seen = new List<RunId>();
        var path = "/runs?limit=2&project=https://example.com/org/p0.git&status=queued";
        string? cursor = null;
        do
        {
            var page = await (await _host.Admin.GetAsync(path + (cursor is null ? "" : $"&cursor={cursor}")))
                .OkAsync(CoreJson.Default.ResourcePageRunResource);
            seen.AddRange(page.Items.Select(run => run.RunId));
            cursor = page.NextCursor;
        }
        while (cursor is not null);

        Assert.Equal([ids[6], ids[4], ids[2], ids[0]], seen);
    }

    [Theory]
    [InlineData("pause", RunSignalKind.Pause)]
    [InlineData("cancel", RunSignalKind.Cancel)]
    public async Task Control_OfARunningRun_SignalsWithARedactedReason(string action, RunSignalKind kind)
    {
        var id = await _host.AddRunAsync(Scenario.Run(), Scenario.Started());

        using var answer = await _host.Admin.PostAsync($"/runs/{id}/{action}", ApiHost.Json("""{"reason":"ask ann@example.com"}"""));

        Assert.Equal(id, (await answer.OkAsync(CoreJson.Default.RunResource, HttpStatusCode.Accepted)).RunId);
        Assert.Equal(new RunSignal(kind, "ask [redacted]"), Assert.Single(_host.Engine.Raised).Signal);
    }

    [Theory]
    [InlineData("resume", "running")]
    [InlineData("pause", "completed")]
    [InlineData("cancel", "completed")]
    public async Task Control_InAStatusWhereItDoesNotApply_NamesTheStatus(string action, string status)
    {
        RunEvent[] events = status == "running" ? [Scenario.Started()] : [Scenario.Started(), Scenario.Completed(2)];
        var id = await _host.AddRunAsync(Scenario.Run(), events);

        using var answer = await _host.Admin.PostAsync($"/runs/{id}/{action}", null);

        var problem = await answer.ProblemAsync(HttpStatusCode.Conflict, ErrorCodes.InvalidState);
        Assert.Contains(status, problem.Detail, StringComparison.Ordinal);
        Assert.Empty(_host.Engine.Raised);
    }

    [Fact]
    public async Task Resume_OfAPausedRunWithoutABody_Signals()
    {
        var id = await _host.AddRunAsync(
            Scenario.Run(), Scenario.Started(), new RunPaused("lunch") { Revision = 2, Sequence = 2, At = Scenario.Start });

        using var answer = await _host.Admin.PostAsync($"/runs/{id}/resume", null);

        Assert.Equal(HttpStatusCode.Accepted, answer.StatusCode);
        Assert.Equal(RunSignalKind.Resume, Assert.Single(_host.Engine.Raised).Signal.Kind);
    }

    [Fact]
    public async Task Get_PreferringToWait_AnswersOnceTheRunHasEnded()
    {
        var id = await _host.AddRunAsync(Scenario.Run(), Scenario.Started());
        using var request = Waiting(id, "respond-async, wait=100; foo");
        var waiting = _host.Admin.SendAsync(request);

        await _host.Store.AppendAsync(id, [Scenario.Completed(2)], default);

        using var answer = await waiting;
        Assert.Equal(RunStatus.Completed, (await answer.OkAsync(CoreJson.Default.RunResource)).Status);
        Assert.Equal("wait=60", answer.Headers.GetValues("Preference-Applied").Single());
    }

    [Fact]
    public async Task Get_PreferringToWait_AnswersWhenTheTimeIsUp()
    {
        var id = await _host.AddRunAsync(Scenario.Run(), Scenario.Started());
        using var request = Waiting(id, "wait=5");
        var waiting = _host.Admin.SendAsync(request);

        // The request may set its timer at any moment from now on: time goes by until it has gone off.
        while (!waiting.IsCompleted)
        {
            _host.Time.Advance(TimeSpan.FromSeconds(5));
            await Task.Yield();
        }

        Assert.Equal(RunStatus.Running, (await (await waiting).OkAsync(CoreJson.Default.RunResource)).Status);
    }

    [Fact]
    public async Task Get_PreferringToWait_AnswersWhenTheHostStops()
    {
        var id = await _host.AddRunAsync(Scenario.Run(), Scenario.Started());
        using var request = Waiting(id, "wait=60");
        var waiting = _host.Admin.SendAsync(request);

        _host.Services.GetRequiredService<IHostApplicationLifetime>().StopApplication();

        Assert.Equal(RunStatus.Running, (await (await waiting).OkAsync(CoreJson.Default.RunResource)).Status);
    }

    [Theory]
    [InlineData("wait=x")]
    [InlineData("wait")]
    [InlineData("wait=-1")]
    [InlineData("")]
    public async Task Get_PreferenceThatIsNone_IsIgnored(string prefer)
    {
        var id = await _host.AddRunAsync(Scenario.Run(), Scenario.Started());
        using var request = Waiting(id, prefer);

        using var answer = await _host.Admin.SendAsync(request);

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.False(answer.Headers.Contains("Preference-Applied"));
    }

    [Fact]
    public async Task Get_StuckRun_IsShownAsStuckAndAsItWasAfterwards()
    {
        var id = await _host.AddRunAsync(Scenario.Run(), Scenario.Started());

        await _host.Store.SetStuckAsync(id, "At turn 2", default);
        var stuck = await (await _host.Admin.GetAsync($"/runs/{id}")).OkAsync(CoreJson.Default.RunResource);
        var listed = await (await _host.Admin.GetAsync("/runs?status=stuck")).OkAsync(CoreJson.Default.ResourcePageRunResource);
        await _host.Store.SetStuckAsync(id, null, default);
        var after = await (await _host.Admin.GetAsync($"/runs/{id}")).OkAsync(CoreJson.Default.RunResource);

        Assert.Equal((RunStatus.Stuck, "At turn 2"), (stuck.Status, stuck.StatusReason));
        Assert.Equal(id, Assert.Single(listed.Items).RunId);
        Assert.Equal((RunStatus.Running, null), (after.Status, after.StatusReason));
    }

    private static HttpRequestMessage Waiting(RunId id, string prefer)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, $"/runs/{id}");
        request.Headers.TryAddWithoutValidation("Prefer", prefer);
        return request;
    }

    private static async Task<RunAccepted> PostAsync(HttpClient client, string key, string body)
    {
        using var answer = await SendAsync(client, key, body);
        return await answer.OkAsync(CoreJson.Default.RunAccepted, HttpStatusCode.Accepted);
    }

    private static Task<HttpResponseMessage> SendAsync(HttpClient client, string key, string body)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, "/run") { Content = ApiHost.Json(body) };
        request.Headers.TryAddWithoutValidation("Idempotency-Key", key);
        return client.SendAsync(request);
    }

    /// <summary>A run whose decision is in the store, and of which the orchestration has not been told.</summary>
    private async Task<RunId> AddDecidedAsync()
    {
        var run = await _host.AddRunAsync(Scenario.Run(), Scenario.Started(), Scenario.AnchorRequested());
        await _host.Store.VoteAsync(run, Gate.Anchor, new Vote("ann", true, "good", Scenario.Start), null, default);
        return run;
    }
}
