using System.Net;
using Microsoft.Extensions.DependencyInjection;
using QuantaPilot.Api.Tests.Support;
using QuantaPilot.Core.Audit;
using QuantaPilot.Core.Contracts;
using QuantaPilot.Core.Ports;
using QuantaPilot.Core.Runs;

namespace QuantaPilot.Api.Tests;

public sealed class RetryTests : IAsyncLifetime
{
    private ApiHost _host = null!;

    public async Task InitializeAsync() => _host = await ApiHost.StartAsync();

    public async Task DisposeAsync() => await _host.DisposeAsync();

    [Theory]
    [InlineData(ErrorCodes.ChecksFailed)]
    [InlineData(ErrorCodes.Cancelled)]
    public async Task Retry_OfARunThatEndedWithoutSuccess_StartsALinkedRun(string code)
    {
        var failed = await AddFailedAsync(code);
        using var olga = await _host.ClientAsync("olga", TokenRole.Operator);

        using var answer = await olga.PostAsync($"/runs/{failed}/retry", null);

        var accepted = await answer.OkAsync(CoreJson.Default.RunAccepted, HttpStatusCode.Accepted);
        Assert.Equal(accepted.StatusUrl, answer.Headers.Location?.ToString());
        Assert.NotNull(answer.Headers.RetryAfter);
        var (before, retry) = (await GetAsync(failed), await GetAsync(accepted.RunId));
        Assert.Equal((failed, accepted.RunId), (retry.RetryOf, before.RetriedBy));
        Assert.Equal((RunStatus.Queued, "olga"), (retry.Status, retry.RequestedBy));
        Assert.Equal(
            (before.RepoUrl, before.Branch, before.QuantapilotYamlPath, before.CorrelationId),
            (retry.RepoUrl, retry.Branch, retry.QuantapilotYamlPath, retry.CorrelationId));
        var input = _host.Engine.Started[accepted.RunId.ToString()];
        Assert.Equal((failed, failed), (input.Retry!.Of, input.Retry.Origin));
    }

    [Fact]
    public async Task Retry_AfterTheDocumentationWasAsked_TakesItUp()
    {
        var failed = await _host.AddRunAsync(
            Scenario.Run(),
            Scenario.Started(),
            new DocumentationGenerated(new PullRequestRef(7, null, "quantapilot/x/documentation"), Scenario.HeadSha)
            {
                Revision = 2,
                Sequence = 2,
                At = Scenario.Start,
            },
            Scenario.Failed(3));

        await RetryAsync(failed);

        var retry = Assert.Single(_host.Engine.Started, started => started.Key != failed.ToString()).Value.Retry!;
        Assert.False(retry.DocumentationMerged);
        Assert.Equal((7, Scenario.HeadSha), (retry.Documentation!.PullRequest.Number, retry.Documentation.HeadSha));
    }

    [Theory]
    [InlineData("running")]
    [InlineData("completed")]
    public async Task Retry_InAStatusWhereItDoesNotApply_NamesTheStatus(string status)
    {
        RunEvent[] events = status == "running" ? [Scenario.Started()] : [Scenario.Started(), Scenario.Completed(2)];
        var run = await _host.AddRunAsync(Scenario.Run(), events);

        using var answer = await _host.Admin.PostAsync($"/runs/{run}/retry", null);

        var problem = await answer.ProblemAsync(HttpStatusCode.Conflict, ErrorCodes.InvalidState);
        Assert.Contains(status, problem.Detail, StringComparison.Ordinal);
        Assert.Equal(run.ToString(), problem.RunId);
        Assert.Null((await GetAsync(run)).RetriedBy);
    }

    [Fact]
    public async Task Retry_OfARunThatIsRetried_NamesTheRunThatDoes()
    {
        var failed = await AddFailedAsync();
        var retry = await RetryAsync(failed);

        using var answer = await _host.Admin.PostAsync($"/runs/{failed}/retry", null);

        var problem = await answer.ProblemAsync(HttpStatusCode.Conflict, ErrorCodes.InvalidState);
        Assert.Contains(retry.ToString(), problem.Detail, StringComparison.Ordinal);
        Assert.Equal(retry.ToString(), problem.RunId);
    }

    [Fact]
    public async Task Retry_OfARetryThatFailed_GoesOnWithTheBranchesOfTheFirstRun()
    {
        var first = await AddFailedAsync();
        var second = await RetryAsync(first);
        await _host.Store.AppendAsync(second, [Scenario.Started(), Scenario.Failed(2)], default);

        using var again = await _host.Admin.PostAsync($"/runs/{first}/retry", null);
        var third = await RetryAsync(second);

        var problem = await again.ProblemAsync(HttpStatusCode.Conflict, ErrorCodes.InvalidState);
        Assert.Contains("retry that one", problem.Detail, StringComparison.Ordinal);
        var input = _host.Engine.Started[third.ToString()];
        Assert.Equal((second, first), (input.Retry!.Of, input.Retry.Origin));
    }

    [Fact]
    public async Task Retry_FiftyTimesAtOnceWithOneKey_IsOneRun()
    {
        var failed = await AddFailedAsync();

        var accepted = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => RetryAsync(failed, "key-1")));

        Assert.Single(accepted.Distinct());
        Assert.Equal(2, _host.Engine.Started.Count);
    }

    [Fact]
    public async Task Retry_AtOnceWithoutAKey_StartsOneRunAndRefusesTheOthers()
    {
        var failed = await AddFailedAsync();

        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => _host.Admin.PostAsync($"/runs/{failed}/retry", null)));

        Assert.Single(answers, answer => answer.StatusCode == HttpStatusCode.Accepted);
        Assert.Equal(19, answers.Count(answer => answer.StatusCode == HttpStatusCode.Conflict));
        Assert.Equal(2, _host.Engine.Started.Count);
    }

    [Fact]
    public async Task Retry_UnderAnotherKey_IsRefused()
    {
        var failed = await AddFailedAsync();
        var retry = await RetryAsync(failed, "key-1");

        using var answer = await SendAsync(failed, "key-2");

        var problem = await answer.ProblemAsync(HttpStatusCode.Conflict, ErrorCodes.InvalidState);
        Assert.Equal(retry.ToString(), problem.RunId);
    }

    [Fact]
    public async Task Retry_IllFormedKey_IsRefused()
    {
        using var answer = await SendAsync(await AddFailedAsync(), "a b");

        var problem = await answer.ProblemAsync(HttpStatusCode.BadRequest, ErrorCodes.InvalidRequest);
        Assert.Equal(["Idempotency-Key"], problem.Errors!.Keys);
    }

    [Fact]
    public async Task Retry_OfARepositoryThatIsNoLongerAllowed_IsRefused()
    {
        var run = await _host.AddRunAsync(Scenario.Run("https://elsewhere.org/o/p"), Scenario.Started(), Scenario.Failed(2));

        using var answer = await _host.Admin.PostAsync($"/runs/{run}/retry", null);

        await answer.ProblemAsync(HttpStatusCode.Forbidden, ErrorCodes.RepositoryNotAllowed);
    }

    [Fact]
    public async Task TellUntoldRuns_AfterACrashBeforeTheStart_LinksAndStartsTheRetry()
    {
        var failed = await AddFailedAsync();
        var retry = Scenario.Run() with { Retry = new RetryPoint(failed, failed) };
        await _host.Store.CreateAsync(retry, default);

        await _host.Services.TellUntoldRunsAsync(default);

        Assert.Equal(failed, _host.Engine.Started[retry.RunId.ToString()].Retry!.Of);
        Assert.Equal(retry.RunId, (await GetAsync(failed)).RetriedBy);
    }

    [Fact]
    public async Task Retry_IsInTheAuditLogWithBothRuns()
    {
        var failed = await AddFailedAsync();
        var retry = await RetryAsync(failed);

        var entry = Assert.Single((await (await _host.Admin.GetAsync("/audit?action=retry_run"))
            .OkAsync(CoreJson.Default.ResourcePageAuditEntry)).Items);
        Assert.Equal((failed, retry.ToString(), AuditOutcome.Accepted), (entry.RunId!.Value, entry.ResourceId, entry.Outcome));
    }

    private Task<RunId> AddFailedAsync(string code = ErrorCodes.ChecksFailed) => _host.AddRunAsync(
        Scenario.Run() with { QuantapilotYamlPath = "ci/qp.yml" }, Scenario.Started(), Scenario.Failed(2, code));

    private async Task<RunId> RetryAsync(RunId run, string? key = null)
    {
        using var answer = await SendAsync(run, key);
        return (await answer.OkAsync(CoreJson.Default.RunAccepted, HttpStatusCode.Accepted)).RunId;
    }

    private Task<HttpResponseMessage> SendAsync(RunId run, string? key)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, $"/runs/{run}/retry") { Content = ApiHost.Json("{}") };
        if (key is not null) request.Headers.TryAddWithoutValidation("Idempotency-Key", key);
        return _host.Admin.SendAsync(request);
    }

    private async Task<RunResource> GetAsync(RunId run) =>
        await (await _host.Admin.GetAsync($"/runs/{run}")).OkAsync(CoreJson.Default.RunResource);
}
