using System.Net;
using Microsoft.Extensions.DependencyInjection;
using QuantaPilot.Api.Tests.Support;
using QuantaPilot.Core.Audit;
using QuantaPilot.Core.Contracts;
using QuantaPilot.Core.Orchestrations;
using QuantaPilot.Core.Ports;
using QuantaPilot.Core.Runs;

namespace QuantaPilot.Api.Tests.Hooks;

/// <summary>Comments on pull requests that are votes.</summary>
public sealed class CommentVoteTests : IAsyncLifetime
{
    private const string Approve = "/approve " + Scenario.HeadSha;
    private readonly RecordingForge _forge = new();
    private ApiHost _host = null!;
    private HttpClient _client = null!;

    public async Task InitializeAsync()
    {
        _host = await ApiHost.StartAsync(
            configure: services => services.AddSingleton<IForge>(_forge).AddGitHubHooks(GitHubSender.Options));
        _client = _host.Anonymous();
    }

    public async Task DisposeAsync() => await _host.DisposeAsync();

    [Fact]
    public async Task Approve_ByAnAllowedPerson_DecidesTheGateAndIsInTheAuditLog()
    {
        var run = await WaitingRunAsync();

        Assert.True(await CommentAsync(Approve + "\nreads well, says ann@example.com"));

        var gate = await GateAsync(run);
        Assert.Equal(GateStatus.Approved, gate.Status);
        var vote = Assert.Single(gate.Votes);
        Assert.Equal(("github:octocat", "reads well, says [redacted]"), (vote.By, vote.Reason));
        var decision = new GateDecision(Gate.Anchor, 1, true, vote.Reason!, vote.By);
        Assert.Equal([($"{run}", new RunSignal(RunSignalKind.Decision, Decision: decision))], _host.Engine.Raised);
        Assert.Equal("Gate `anchor` is approved.", Assert.Single(_forge.Comments).Value);
        var entry = Assert.Single(await AuditAsync());
        Assert.Equal(
            (AuditAction.ApproveGate, AuditOutcome.Accepted, "github:octocat"), (entry.Action, entry.Outcome, entry.Actor));
        Assert.Equal(($"github:{"octocat".Sum(c => c)}", (RunId?)run, Gate.Anchor), (entry.ActorId, entry.RunId, entry.Gate));
    }

    [Fact]
    public async Task Reject_WithAReason_RejectsWhateverTheHead()
    {
        var run = await WaitingRunAsync();

        await CommentAsync("/reject the overview is wrong");

        Assert.Equal(GateStatus.Rejected, (await GateAsync(run)).Status);
        Assert.Equal("the overview is wrong", Assert.Single(_host.Engine.Raised).Signal.Decision!.Reason);
        Assert.Equal("Gate `anchor` is rejected.", Assert.Single(_forge.Comments).Value);
    }

    [Theory]
    [InlineData("/approve 1111111")]
    [InlineData("  /approve 111111111111 fine\r\n")]
    [InlineData("/approve\t1111111111111111111111111111111111111111")]
    public async Task Approve_WithTheFirstDigitsOfTheHead_Counts(string text)
    {
        var run = await WaitingRunAsync();

        await CommentAsync(text);

        Assert.Equal(GateStatus.Approved, (await GateAsync(run)).Status);
    }

    [Theory]
    [InlineData("/approve", "say which commit you reviewed")]
    [InlineData("/approve it", "say which commit you reviewed")]
    [InlineData("/approve 111", "say which commit you reviewed")]
    [InlineData("/approve 3333333", "which does not begin with 3333333")]
    [InlineData("/approve 3333333333333333333333333333333333333333", "which is not the head_sha given")]
    [InlineData("/reject", "reason is required for a rejection")]
    public async Task Command_ThatCanNotCount_IsAnsweredWithWhatIsWrong(string text, string expected)
    {
        var run = await WaitingRunAsync();

        Assert.True(await CommentAsync(text));

        Assert.Empty((await GateAsync(run)).Votes);
        Assert.Contains(expected, Assert.Single(_forge.Comments).Value, StringComparison.Ordinal);
        Assert.Empty(_host.Engine.Raised);
    }

    [Fact]
    public async Task Approve_WithAReasonThatIsTooLong_IsAnsweredWithThat()
    {
        await WaitingRunAsync();

        await CommentAsync($"{Approve} {new string('a', 1001)}");

        Assert.Contains("at most 1000", Assert.Single(_forge.Comments).Value, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("stranger")]
    [InlineData("elsewhere")]
    public async Task Approve_BySomebodyWhoIsNotAllowedThere_IsPassedOverInSilence(string login)
    {
        var run = await WaitingRunAsync();

        Assert.False(await CommentAsync(Approve, login));

        Assert.Empty((await GateAsync(run)).Votes);
        Assert.Empty(_forge.Comments);
        Assert.Empty(await AuditAsync());
    }

    public static TheoryData<string> OtherComments() =>
    [
        GitHubSender.Comment(Approve, action: "edited"),
        GitHubSender.Comment(Approve, senderId: 1),
        GitHubSender.Comment(Approve, onIssue: true),
        GitHubSender.Comment(Approve, number: 2),
        GitHubSender.Comment("I would /approve it"),
        GitHubSender.Comment("> " + Approve),
        GitHubSender.Comment("**Gate `anchor`: rejected**\n\n/approve " + Scenario.HeadSha),
        GitHubSender.Comment("/approved " + Scenario.HeadSha),
        // As the gate was asked at midnight: this one is an answer to an earlier request.
        GitHubSender.Comment("/reject no", createdAt: "2025-12-31T23:59:58Z"),
    ];

    [Theory]
    [MemberData(nameof(OtherComments))]
    public async Task Comment_ThatIsNoVote_IsIgnored(string body)
    {
        var run = await WaitingRunAsync();

        Assert.False(await SendAsync(body));

        Assert.Empty((await GateAsync(run)).Votes);
        Assert.Empty(_forge.Comments);
    }

    [Fact]
    public async Task Approve_ByWhoStartedTheRun_IsRefusedWhereTheGateSaysSo()
    {
        var run = await WaitingRunAsync(selfApproval: false);

        await CommentAsync(Approve, "Olga");

        Assert.Empty((await GateAsync(run)).Votes);
        Assert.Contains("another approver is needed", Assert.Single(_forge.Comments).Value, StringComparison.Ordinal);
        Assert.Equal(AuditOutcome.Refused, Assert.Single(await AuditAsync()).Outcome);
    }

    [Fact]
    public async Task Approve_WithAQuorum_CountsWhoIsKnownUnderTwoNamesOnce()
    {
        var run = await WaitingRunAsync(approvals: 2);
        using var olga = await _host.ClientAsync("olga", TokenRole.Approver);
        await (await olga.PostAsync($"/runs/{run}/gates/anchor", ApiHost.Json("""{"approved":true}""")))
            .OkAsync(CoreJson.Default.DecisionAnswer);

        await CommentAsync(Approve, "olga", id: 1);
        Assert.Single((await GateAsync(run)).Votes);
        await CommentAsync(Approve, "octocat", id: 2);

        Assert.Equal(GateStatus.Approved, (await GateAsync(run)).Status);
        Assert.Equal(["Counted: gate `anchor` takes 2 approvals.", "Gate `anchor` is approved."], _forge.Comments.Values.Order());
    }

    [Fact]
    public async Task Vote_OfOneWhoVotedOtherwise_DoesNotChangeIt()
    {
        var run = await WaitingRunAsync(approvals: 2);
        await CommentAsync(Approve, id: 1);

        await CommentAsync("/reject on second thoughts", id: 2);

        Assert.True(Assert.Single((await GateAsync(run)).Votes).Approved);
        Assert.Contains(_forge.Comments.Values, text => text.Contains("votes don't change", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Delivery_ThatComesTwice_VotesAndAnswersOnce()
    {
        var run = await WaitingRunAsync(approvals: 2);

        await CommentAsync(Approve);
        await CommentAsync(Approve);

        Assert.Single((await GateAsync(run)).Votes);
        Assert.Single(_forge.Comments);
        Assert.Empty(_host.Engine.Raised);
    }

    [Fact]
    public async Task Approve_ThatTheForgeLetsNobodyAnswer_CountsAllTheSame()
    {
        var run = await WaitingRunAsync();
        _forge.Fault = new StepException(ErrorCodes.AuthenticationFailed, "refused");

        Assert.True(await CommentAsync(Approve));

        Assert.Equal(GateStatus.Approved, (await GateAsync(run)).Status);
    }

    [Fact]
    public async Task Approve_WhereThereIsNoForge_CountsWithoutAnAnswer()
    {
        await using var host = await ApiHost.StartAsync(configure: services => services.AddGitHubHooks(GitHubSender.Options));
        var run = await host.AddRunAsync(Scenario.Run(), Scenario.Started(), Scenario.AnchorRequested());

        using var answer = await host.Anonymous().SendAsync(GitHubSender.Request("issue_comment", GitHubSender.Comment(Approve)));

        Assert.Equal(HttpStatusCode.Accepted, answer.StatusCode);
        Assert.Equal(GateStatus.Approved, (await host.Store.GetAsync(run, default))!.Gates[0].Status);
    }

    private Task<RunId> WaitingRunAsync(int approvals = 1, bool selfApproval = true) => _host.AddRunAsync(
        Scenario.Run(), Scenario.Started(), Scenario.AnchorRequested(approvals: approvals, selfApproval: selfApproval));

    private Task<bool> CommentAsync(string text, string login = "octocat", int id = 5) =>
        SendAsync(GitHubSender.Comment(text, login, id: id));

    /// <returns>True if it was taken for a vote.</returns>
    private async Task<bool> SendAsync(string body)
    {
        using var answer = await _client.SendAsync(GitHubSender.Request("issue_comment", body));
        return (await answer.OkAsync(CoreJson.Default.HookAnswer, HttpStatusCode.Accepted)).Result == HookResult.Accepted;
    }

    private async Task<Gate> GateAsync(RunId run) => Assert.Single((await _host.Store.GetAsync(run, default))!.Gates);

    private async Task<IReadOnlyList<AuditEntry>> AuditAsync() =>
        (await (await _host.Admin.GetAsync("/audit")).OkAsync(CoreJson.Default.ResourcePageAuditEntry)).Items;
}
