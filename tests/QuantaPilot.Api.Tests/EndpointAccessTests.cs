using System.Net;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using QuantaPilot.Api.Access;
using QuantaPilot.Api.Http;
using QuantaPilot.Api.Telemetry;
using QuantaPilot.Api.Tests.Hooks;
using QuantaPilot.Api.Tests.Support;
using QuantaPilot.Core.Contracts;
using QuantaPilot.Core.Ports;
using QuantaPilot.Core.Runs;

namespace QuantaPilot.Api.Tests;

/// <summary>
/// Role × endpoint × project, for every endpoint that there is, and for each way that it answers: one that is added must be given
/// its line here.
/// </summary>
public sealed class EndpointAccessTests : IAsyncLifetime
{
    private const string Ours = "https://example.com/ours/a";
    private const string Theirs = "https://example.com/theirs/b";

    private static readonly TokenRole[] _read = [TokenRole.Consumer, TokenRole.Operator, TokenRole.Approver, TokenRole.Admin];
    private static readonly TokenRole[] _operate = [TokenRole.Operator, TokenRole.Admin];
    private static readonly TokenRole[] _approve = [TokenRole.Approver, TokenRole.Admin];
    private static readonly TokenRole[] _administer = [TokenRole.Admin];

    /// <summary>
    /// By the endpoint's name, followed by the way that it is asked to answer. RUN and PROJECT in a body stand for what the request is
    /// about.
    /// </summary>
    private static readonly Dictionary<string, Expected> _expected = new()
    {
        ["StartRun"] = new(_operate, Outside.Refused, """{"repo_url":"PROJECT","branch":"main"}"""),
        ["ListRuns"] = new(_read, Outside.Hidden),
        ["GetRun"] = new(_read, Outside.NotFound),
        ["PauseRun"] = new(_operate, Outside.NotFound),
        ["ResumeRun"] = new(_operate, Outside.NotFound),
        ["CancelRun"] = new(_operate, Outside.NotFound),
        ["RetryRun"] = new(_operate, Outside.NotFound),
        ["ListRunGates"] = new(_read, Outside.NotFound),
        ["DecideGate"] = new(_approve, Outside.NotFound, """{"approved":true}"""),
        ["ListGates"] = new(_read, Outside.Hidden),
        ["DecideGates"] = new(_approve, Outside.NotFoundInAnswer, """{"decisions":[{"run_id":"RUN","gate":"anchor","approved":true}]}"""),
        ["ListRunEvents"] = new(_read, Outside.NotFound),
        ["ListRunEvents as a stream"] = new(_read, Outside.NotFound, Accept: "text/event-stream"),
        ["AnswerAgentTask"] = new(null, Outside.Nothing, """{"status":"running","message":"building"}""", IsSigned: true),
        ["ListRunLogs"] = new(_read, Outside.NotFound),
        ["ListRunLogs as text"] = new(_read, Outside.NotFound, Accept: "text/plain"),
        ["StreamEvents"] = new(_read, Outside.Hidden, Query: "?after=0"),
        ["CreateToken"] = new(_administer, Outside.Invalid, """{"name":"new","roles":["consumer"],"projects":["PROJECT"]}"""),
        ["ListTokens"] = new(_administer, Outside.Hidden),
        ["RevokeToken"] = new(_administer, Outside.NotFound),
        ["ListDeliveries"] = new(_administer, Outside.Hidden),
        ["RedeliverEvent"] = new(_administer, Outside.NotFound),
        ["CreateSubscription"] = new(
            _administer, Outside.Invalid, """{"url":"https://example.com/","filter":{"projects":["PROJECT"]}}"""),
        ["ListSubscriptions"] = new(_administer, Outside.Hidden),
        ["GetSubscription"] = new(_administer, Outside.NotFound),
        ["DeleteSubscription"] = new(_administer, Outside.NotFound),
        ["EnableSubscription"] = new(_administer, Outside.NotFound),
        ["DisableSubscription"] = new(_administer, Outside.NotFound),
        ["RotateSubscription"] = new(_administer, Outside.NotFound),
        ["TestSubscription"] = new(_administer, Outside.NotFound),
        ["ListSubscriptionDeliveries"] = new(_administer, Outside.NotFound),
        ["ListAudit"] = new(_administer, Outside.Hidden),
        ["ListAudit as lines"] = new(_administer, Outside.Hidden, Accept: "application/x-ndjson"),
        ["ReceiveGitHubHook"] = new(null, Outside.Nothing, "{}"),
        ["GetHealth"] = new(null, Outside.Nothing),
        ["GetReadiness"] = new(null, Outside.Nothing),
        ["GetOpenApi"] = new(null, Outside.Nothing),
        ["GetMetrics"] = new([TokenRole.Consumer, TokenRole.Admin], Outside.Forbidden),
    };

    private ApiHost _host = null!;
    private int _seconds;

    public async Task InitializeAsync()
    {
        _host = await ApiHost.StartAsync(
            configure: services => services.AddGitHubHooks(GitHubSender.Options).AddQuantaPilotMetrics());
        _host.Readiness.IsReady = true;
    }

    public async Task DisposeAsync() => await _host.DisposeAsync();

    public static TheoryData<string> Names() => [.. _expected.Keys];

    [Fact]
    public void Endpoints_All_HaveTheirLineHere() =>
        Assert.Equal(
            _host.Services.GetRequiredService<ApiEndpoints>().All.Select(e => e.Name).Order(),
            _expected.Keys.Select(NameOf).Distinct().Order());

    [Fact]
    public void Endpoints_All_HaveARuleOrAreOpenOnPurpose() => Assert.All(
        _host.Services.GetRequiredService<ApiEndpoints>().All,
        endpoint => Assert.Equal(endpoint.Rule.Roles.Count == 0, _expected[endpoint.Name].Roles is null));

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Endpoint_ByRole_LetsInWhoMayUseIt(string name)
    {
        foreach (var role in Enum.GetValues<TokenRole>())
        {
            var target = await AddTargetAsync(Ours);
            using var client = await _host.ClientAsync("someone", role);

            using var answer = await SendAsync(client, name, target);

            if (_expected[name].IsSigned)
            {
                await answer.ProblemAsync(HttpStatusCode.Unauthorized, ErrorCodes.Unauthenticated);
            }
            else if (_expected[name].Roles is not { } roles || roles.Contains(role))
            {
                // Conflict: the run is not paused, so it can't be resumed.
                var served = answer.IsSuccessStatusCode
                    || (answer.StatusCode == HttpStatusCode.Conflict && name is "ResumeRun" or "RetryRun");
                Assert.True(served, $"{role} was refused: {answer.StatusCode}");
            }
            else
            {
                await answer.ProblemAsync(HttpStatusCode.Forbidden, ErrorCodes.Forbidden);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Endpoint_WithoutAToken_AsksForOneUnlessItIsOpen(string name)
    {
        using var client = _host.Anonymous();

        using var answer = await SendAsync(client, name, await AddTargetAsync(Ours));

        if (_expected[name].Roles is null && !_expected[name].IsSigned)
        {
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
            return;
        }
        await answer.ProblemAsync(HttpStatusCode.Unauthorized, ErrorCodes.Unauthenticated);
        Assert.Equal(
            _expected[name].IsSigned ? "StandardWebhooks" : "Bearer", answer.Headers.WwwAuthenticate.Single().Scheme);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Endpoint_OutsideTheProjectsOfTheToken_ShowsAndDoesNothing(string name)
    {
        var theirs = await AddTargetAsync(Theirs);
        var ours = await AddTargetAsync(Ours);
        using var client = await _host.ClientAsync(
            "us", [TokenRole.Operator, TokenRole.Approver, TokenRole.Admin], ["https://example.com/ours/*"], null);

        using var answer = await SendAsync(client, name, theirs);

        switch (_expected[name].Outside)
        {
            case Outside.NotFound:
                await answer.ProblemAsync(HttpStatusCode.NotFound, ErrorCodes.NotFound);
                break;
            case Outside.Refused:
                await answer.ProblemAsync(HttpStatusCode.Forbidden, ErrorCodes.RepositoryNotAllowed);
                break;
            case Outside.Forbidden:
                await answer.ProblemAsync(HttpStatusCode.Forbidden, ErrorCodes.Forbidden);
                break;
            case Outside.Invalid:
                var problem = await answer.ProblemAsync(HttpStatusCode.BadRequest, ErrorCodes.InvalidRequest);
                Assert.EndsWith("projects[0]", Assert.Single(problem.Errors!.Keys), StringComparison.Ordinal);
                break;
            case Outside.NotFoundInAnswer:
                Assert.Equal(404, (await answer.OkAsync(CoreJson.Default.BatchDecisionAnswers)).Items.Single().Status);
                break;
            case Outside.Hidden:
                var shown = await ReadUntilAsync(answer, name.Contains("Token", StringComparison.Ordinal) ? ours.TokenId : $"{ours.RunId}");
                Assert.DoesNotContain($"{theirs.RunId}", shown, StringComparison.Ordinal);
                Assert.DoesNotContain(theirs.TokenId, shown, StringComparison.Ordinal);
                break;
            default:
                Assert.DoesNotContain(theirs.RunId.ToString(), await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
                break;
        }
        Assert.Empty(_host.Engine.Raised);
        Assert.Empty(_host.Webhooks.Sent);
    }

    [Theory]
    [InlineData("/runs?project=PROJECT")]
    [InlineData("/runs?correlation_id=CORRELATION")]
    [InlineData("/deliveries?run_id=RUN")]
    [InlineData("/audit?run_id=RUN")]
    public async Task List_AskedForAnothersByName_IsEmpty(string path)
    {
        var theirs = await AddTargetAsync(Theirs);
        var run = (await _host.Store.GetAsync(theirs.RunId, default))!;
        path = path.Replace("PROJECT", theirs.Project, StringComparison.Ordinal)
            .Replace("CORRELATION", run.CorrelationId, StringComparison.Ordinal)
            .Replace("RUN", $"{theirs.RunId}", StringComparison.Ordinal);
        using var client = await _host.ClientAsync("us", [TokenRole.Admin], ["https://example.com/ours/*"], null);

        Assert.Equal("""{"items":[]}""", await client.GetStringAsync(path));
        Assert.Contains($"{theirs.RunId}", await _host.Admin.GetStringAsync(path), StringComparison.Ordinal);
    }

    private static string NameOf(string line) => line.Split(' ')[0];

    private async Task<Target> AddTargetAsync(string project)
    {
        var run = await _host.AddRunAsync(Scenario.Run(project), Scenario.Started(), Scenario.AnchorRequested());
        var id = Guid.NewGuid().ToString("N");
        var hash = BearerToken.Hash(BearerToken.Create());
        await _host.Tokens.CreateAsync(
            new ApiToken(id, "robot", hash, [TokenRole.Consumer], [project], Scenario.Start, null, null), default);
        await _host.AgentTasks.OpenAsync(AgentScenario.Task(run), default);
        await _host.Deliveries.AddAsync(DeliveryScenario.Pending(run, 1, project: project));
        var subscription = SubscriptionScenario.Of(project: project);
        await _host.Subscriptions.CreateAsync(subscription with { Filter = subscription.Filter with { RunId = run } }, default);
        // Earlier each time, so that what is not to be shown would come first.
        await _host.Audit.AddAsync(AuditScenario.Begun(runId: run, at: Scenario.Start.AddSeconds(--_seconds), project: project), default);
        return new Target(project, run, id, subscription.Id);
    }

    private async Task<HttpResponseMessage> SendAsync(HttpClient client, string name, Target target)
    {
        var endpoint = _host.Services.GetRequiredService<ApiEndpoints>().All.Single(e => e.Name == NameOf(name));
        var path = endpoint.Pattern
            .Replace("{run_id}", $"{target.RunId}", StringComparison.Ordinal)
            .Replace("{gate}", Gate.Anchor, StringComparison.Ordinal)
            .Replace("{token_id}", target.TokenId, StringComparison.Ordinal)
            .Replace("{agent_step}", "M-001:1", StringComparison.Ordinal)
            .Replace("{agent_round}", "1", StringComparison.Ordinal)
            .Replace("{subscription_id}", target.SubscriptionId, StringComparison.Ordinal)
            .Replace("{delivery_id}", $"{target.RunId}:1:lifecycle", StringComparison.Ordinal);
        Assert.DoesNotContain('{', path);
        var request = new HttpRequestMessage(new HttpMethod(endpoint.Method), path + _expected[name].Query);
        if (_expected[name].Accept is { } accept) request.Headers.Add("Accept", accept);
        if (_expected[name].Body is { } body)
        {
            body = body.Replace("RUN", $"{target.RunId}", StringComparison.Ordinal)
                .Replace("PROJECT", target.Project, StringComparison.Ordinal);
            request.Content = ApiHost.Json(body);
            if (endpoint.Rule.IsSigned && !_expected[name].IsSigned) GitHubSender.SignAs(request, "ping", body);
        }
        return await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
    }

    /// <summary>What an answer shows up to and with the text; for a list, all of it.</summary>
    private static async Task<string> ReadUntilAsync(HttpResponseMessage answer, string text)
    {
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        using var reader = new StreamReader(await answer.Content.ReadAsStreamAsync());
        var shown = new StringBuilder();
        while (await reader.ReadLineAsync() is { } line)
        {
            shown.AppendLine(line);
            if (line.Contains(text, StringComparison.Ordinal)) return shown.ToString();
        }
        Assert.Fail($"{text} is not shown: {shown}");
        return "";
    }

    private sealed record Target(string Project, RunId RunId, string TokenId, string SubscriptionId);

    /// <param name="Roles">Who may use it; null for anybody.</param>
    /// <param name="Outside">What becomes of a request about another project.</param>
    /// <param name="Body">A body that is accepted, if one is needed.</param>
    /// <param name="Query">A query, if one is needed.</param>
    /// <param name="Accept">How it is to answer, if not as it does by itself.</param>
    /// <param name="IsSigned">True if no token counts, but a signature that these requests don't have.</param>
    private sealed record Expected(
        TokenRole[]? Roles,
        Outside Outside,
        string? Body = null,
        string? Query = null,
        string? Accept = null,
        bool IsSigned = false);

    private enum Outside
    {
        /// <summary>It is about no project.</summary>
        Nothing,
        NotFound,
        NotFoundInAnswer,
        Hidden,
        Refused,
        Invalid,

        /// <summary>It is about all projects at once.</summary>
        Forbidden,
    }
}
