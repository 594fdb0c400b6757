using System.Net;
using System.Security.Cryptography;
using System.Text;
using QuantaPilot.Api.Tests.Support;
using QuantaPilot.Core.Agents;
using QuantaPilot.Core.Audit;
using QuantaPilot.Core.Orchestrations;
using QuantaPilot.Core.Ports;
using QuantaPilot.Core.Runs;

namespace QuantaPilot.Api.Tests;

/// <summary><c>POST /runs/{run_id}/agents/{step}/{round}</c>: what agents elsewhere say of their tasks.</summary>
public sealed class AgentCallbackTests : IAsyncLifetime
{
    private const string Done =
        """{"status":"succeeded","summary":"did it","files":[{"path":"a.txt","content":"a"}],"usage":{"tokens":5,"usd":0.25}}""";

    private ApiHost _host = null!;
    private HttpClient _agent = null!;
    private RunId _run;

    public async Task InitializeAsync()
    {
        _host = await ApiHost.StartAsync();
        _agent = _host.Anonymous();
        _run = await _host.AddRunAsync(Scenario.Run(), Scenario.Started());
        await _host.AgentTasks.OpenAsync(AgentScenario.Task(_run), default);
    }

    public async Task DisposeAsync()
    {
        _agent.Dispose();
        await _host.DisposeAsync();
    }

    [Fact]
    public async Task Answer_Succeeded_IsStoredAndTheRunIsTold()
    {
        using var answer = await SayAsync(Done);

        Assert.Equal("""{"result":"recorded"}""", await answer.Content.ReadAsStringAsync());
        Assert.Equal(Done, Encoding.UTF8.GetString((await _host.AgentTasks.ReadAnswerAsync(_run, "M-001/1", 1, default))!));
        var signal = Assert.Single(_host.Engine.Raised).Signal;
        Assert.Equal((RunSignalKind.AgentAnswered, new AgentAnswer("M-001/1", 1, Sha(Done))), (signal.Kind, signal.AgentAnswer));
        Assert.Equal(RemoteTaskState.Told, (await FindAsync()).State);
    }

    [Fact]
    public async Task Answer_IsInTheAuditLogWithoutItsWords()
    {
        using var answer = await SayAsync(Done);
        using var other = await SayAsync("""{"status":"failed","message":"hunter2"}""");

        var entries = (await _host.Audit.ListAsync(new AuditQuery(), default)).Items;
        Assert.Equal([AuditOutcome.NoEffect, AuditOutcome.Accepted], entries.Select(entry => entry.Outcome));
        Assert.All(entries, entry => Assert.Equal(
            (AuditAction.AnswerTask, "build-farm", "agent:build-farm", _run), (entry.Action, entry.Actor, entry.ActorId, entry.RunId)));
    }

    [Fact]
    public async Task Answer_Repeated_IsConfirmedAgainAndTellsTheRunOnce()
    {
        using var first = await SayAsync(Done);
        using var second = await SayAsync(Done);

        Assert.Equal(HttpStatusCode.OK, second.StatusCode);
        Assert.Equal(await first.Content.ReadAsStringAsync(), await second.Content.ReadAsStringAsync());
        Assert.Single(_host.Engine.Raised);
    }

    [Fact]
    public async Task Answer_RepeatedAfterACrashBeforeTheRunWasTold_TellsIt()
    {
        await _host.AgentTasks.AnswerAsync(_run, "M-001/1", 1, Sha(Done), Encoding.UTF8.GetBytes(Done), default);

        using var answer = await SayAsync(Done);

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Single(_host.Engine.Raised);
    }

    [Fact]
    public async Task Answer_AnotherOne_IsRefusedAndTheFirstStays()
    {
        using var first = await SayAsync(Done);
        using var second = await SayAsync("""{"status":"failed","message":"on second thoughts"}""");

        await second.ProblemAsync(HttpStatusCode.Conflict, ErrorCodes.InvalidState);
        Assert.Equal(Done, Encoding.UTF8.GetString((await _host.AgentTasks.ReadAnswerAsync(_run, "M-001/1", 1, default))!));
    }

    [Fact]
    public async Task Answer_ToARoundThatWasGivenUp_IsRefused()
    {
        await _host.AgentTasks.UpdateAsync(_run, "M-001/1", 1, task => task.Closed(), default);

        using var answer = await SayAsync(Done);
        using var progress = await SayAsync("""{"status":"running","message":"still here"}""");

        await answer.ProblemAsync(HttpStatusCode.Conflict, ErrorCodes.InvalidState);
        await progress.ProblemAsync(HttpStatusCode.Conflict, ErrorCodes.InvalidState);
        Assert.Empty(_host.Engine.Raised);
    }

    [Fact]
    public async Task Answer_OfARunThatHasEnded_IsRefused()
    {
        await _host.Store.AppendAsync(_run, [Scenario.Completed(2)], default);

        using var answer = await SayAsync(Done);

        await answer.ProblemAsync(HttpStatusCode.Conflict, ErrorCodes.InvalidState);
        Assert.Equal(RemoteTaskState.Open, (await FindAsync()).State);
    }

    [Fact]
    public async Task Progress_GoesToTheLogOfTheRunRedacted()
    {
        using var first = await SayAsync("""{"status":"running","message":"building\nfor olga@example.com"}""");
        using var second = await SayAsync("""{"status":"running","message":"testing"}""");

        Assert.Equal(HttpStatusCode.OK, second.StatusCode);
        var entries = await _host.RunLogs.ReadAsync(_run, 0, "M-001/1", 10, default);
        Assert.Equal([$"building\nfor {Redactor.Replacement}", "testing"], entries.Select(entry => entry.Text));
        Assert.All(entries, entry => Assert.Equal(("coder", 1), (entry.Source, entry.Round)));
        Assert.Equal(2, (await FindAsync()).Messages);
        Assert.Empty(_host.Engine.Raised);
    }

    [Fact]
    public async Task Progress_WithoutEnd_IsRefusedAtSomePoint()
    {
        await _host.AgentTasks.UpdateAsync(_run, "M-001/1", 1, task => task with { Messages = RemoteTask.MaxMessages }, default);

        using var progress = await SayAsync("""{"status":"running","message":"again"}""");
        using var answer = await SayAsync(Done);

        await progress.ProblemAsync(HttpStatusCode.Conflict, ErrorCodes.InvalidState);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
    }

    [Theory]
    [InlineData("M-001:2", "1", 0, false)]
    [InlineData("M-001:1", "2", 0, false)]
    [InlineData("M-001:1", "x", 0, false)]
    [InlineData("..", "1", 0, false)]
    [InlineData("M-001:1", "1", 301, false)]
    [InlineData("M-001:1", "1", -301, false)]
    [InlineData("M-001:1", "1", 0, true)]
    public async Task Callback_NoSuchTaskOrWrongSignature_IsTheSame401(string step, string round, int secondsOff, bool otherKey)
    {
        using var request = AgentScenario.Callback(
            $"/runs/{_run}/agents/{step}/{round}",
            Done,
            _host.Time.GetUtcNow().AddSeconds(secondsOff),
            otherKey ? RandomNumberGenerator.GetBytes(32) : null);
        using var answer = await _agent.SendAsync(request);

        if (step == "..")
        {
            Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
            return;
        }
        var problem = await answer.ProblemAsync(HttpStatusCode.Unauthorized, ErrorCodes.Unauthenticated);
        Assert.StartsWith("There is no such task, or the signature is not right", problem.Detail, StringComparison.Ordinal);
        Assert.Equal(RemoteTaskState.Open, (await FindAsync()).State);
    }

    [Theory]
    [InlineData(299)]
    [InlineData(-299)]
    public async Task Callback_ClockWithinFiveMinutes_IsTaken(int secondsOff)
    {
        using var request = AgentScenario.Callback(Path, Done, _host.Time.GetUtcNow().AddSeconds(secondsOff));
        using var answer = await _agent.SendAsync(request);

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
    }

    [Fact]
    public async Task Callback_BodyChangedAfterSigning_Is401()
    {
        using var request = AgentScenario.Callback(Path, Done, _host.Time.GetUtcNow());
        request.Content = ApiHost.Json(Done.Replace("did it", "did no", StringComparison.Ordinal));
        using var answer = await _agent.SendAsync(request);

        await answer.ProblemAsync(HttpStatusCode.Unauthorized, ErrorCodes.Unauthenticated);
    }

    [Fact]
    public async Task Callback_WithAnAdminsTokenInstead_Is401()
    {
        using var answer = await _host.Admin.PostAsync(Path, ApiHost.Json(Done));

        await answer.ProblemAsync(HttpStatusCode.Unauthorized, ErrorCodes.Unauthenticated);
    }

    [Theory]
    [InlineData("""{"status":"done"}""", "status")]
    [InlineData("""{"status":"running"}""", "message")]
    [InlineData("""{"status":"failed"}""", "message")]
    [InlineData("""{"status":"failed","message":"no","files":[]}""", "files")]
    [InlineData("""{"status":"succeeded","head_sha":"HEAD"}""", "head_sha")]
    [InlineData(
        """{"status":"succeeded","head_sha":"1111111111111111111111111111111111111111","files":[{"path":"a","content":""}]}""", "files")]
    [InlineData("""{"status":"succeeded","files":[{"path":"../a","content":""}]}""", "files[0].path")]
    [InlineData("""{"status":"succeeded","files":[{"path":"/a","content":""}]}""", "files[0].path")]
    [InlineData("""{"status":"succeeded","files":[{"path":"a/.GIT /config","content":""}]}""", "files[0].path")]
    [InlineData("""{"status":"succeeded","files":[{"path":"a"}]}""", "files[0].content")]
    [InlineData("""{"status":"succeeded","files":[{"path":"a","content":"","deleted":true}]}""", "files[0].content")]
    [InlineData("""{"status":"succeeded","files":[{"path":"a","content_base64":"***"}]}""", "files[0].content_base64")]
    [InlineData("""{"status":"succeeded","files":[{"path":"a","content":""},{"path":"a","deleted":true}]}""", "files[1].path")]
    [InlineData("""{"status":"succeeded","files":[null]}""", "files[0]")]
    [InlineData("""{"status":"succeeded","usage":{"tokens":-1}}""", "usage.tokens")]
    [InlineData("""{"status":"succeeded","usage":{"usd":"1"}}""", "usage.usd")]
    [InlineData("""{"status":"succeeded","usage":{"tokens":1.5}}""", "usage.tokens")]
    [InlineData("""{"status":"succeeded","more":1}""", "more")]
    public async Task Answer_NotAsDescribed_IsRefusedByName(string body, string member)
    {
        using var answer = await SayAsync(body);

        var problem = await answer.ProblemAsync(HttpStatusCode.BadRequest, ErrorCodes.InvalidRequest);
        Assert.Equal(member, Assert.Single(problem.Errors!.Keys));
        Assert.Equal(RemoteTaskState.Open, (await FindAsync()).State);
    }

    [Fact]
    public async Task Answer_OfFourMebibytes_IsTakenAndALargerOneIsNot()
    {
        var frame = """{"status":"succeeded","files":[{"path":"a.txt","content":"X"}]}""";
        var most = frame.Replace("X", new string('x', 4 * 1024 * 1024 - frame.Length + 1), StringComparison.Ordinal);

        using var larger = await SayAsync(most + " ");
        using var largest = await SayAsync(most);

        await larger.ProblemAsync(HttpStatusCode.RequestEntityTooLarge, ErrorCodes.PayloadTooLarge);
        Assert.Equal(HttpStatusCode.OK, largest.StatusCode);
        Assert.Equal(4 * 1024 * 1024, (await _host.AgentTasks.ReadAnswerAsync(_run, "M-001/1", 1, default))!.Length);
    }

    private string Path => $"/runs/{_run}/agents/M-001:1/1";

    private static string Sha(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));

    private async Task<RemoteTask> FindAsync() => (await _host.AgentTasks.FindAsync(_run, "M-001/1", 1, default))!;

    private async Task<HttpResponseMessage> SayAsync(string body)
    {
        using var request = AgentScenario.Callback(Path, body, _host.Time.GetUtcNow());
        return await _agent.SendAsync(request);
    }
}
