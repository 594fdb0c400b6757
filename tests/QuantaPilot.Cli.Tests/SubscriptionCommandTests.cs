using System.Text.Json;
using Microsoft.Extensions.Time.Testing;
using QuantaPilot.Cli.CommandLine;
using QuantaPilot.Core.Contracts;
using QuantaPilot.Core.Subscriptions;

namespace QuantaPilot.Cli.Tests;

public sealed class SubscriptionCommandTests : IAsyncLifetime, IDisposable
{
    private static readonly DateTimeOffset _now = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly CliRunner _cli = new() { Time = new FakeTimeProvider(_now) };
    private FakeApi _api = null!;

    public async Task InitializeAsync() => _api = await FakeApi.StartAsync();

    public async Task DisposeAsync() => await _api.DisposeAsync();

    public void Dispose() => _cli.Dispose();

    [Fact]
    public async Task Create_Text_IsTheSecretAloneOnStdout()
    {
        var exit = await _cli.RunAsync(
            _api, "subscriptions", "create", "https://example.com/hook",
            "--event", "run_failed", "--event", "gate_requested", "--project", "https://example.com/*");

        Assert.Equal(ExitCodes.Done, exit);
        Assert.Equal(FakeSubscriptions.Secret, _cli.Out.Output.Trim());
        Assert.DoesNotContain(FakeSubscriptions.Secret, _cli.Error.Output, StringComparison.Ordinal);
        Assert.Contains("qp subscriptions test sub-1", _cli.Error.Output, StringComparison.Ordinal);
        var sent = JsonSerializer.Deserialize(_api.Bodies.Single(), CoreJson.Default.SubscriptionRequest)!;
        Assert.Equal(("https://example.com/hook", false), (sent.Url, sent.SecretHeader));
        Assert.Equal(["run_failed", "gate_requested"], sent.Filter!.Events!);
        Assert.Equal(["https://example.com/*"], sent.Filter.Projects!);
    }

    [Fact]
    public async Task Create_SecretHeader_IsASecondLine()
    {
        await _cli.RunAsync(_api, "subscriptions", "create", "https://example.com/", "--secret-header");

        Assert.Equal([FakeSubscriptions.Secret, "X-QuantaPilot-Secret: plain"], _cli.Out.Lines);
        Assert.Null(JsonSerializer.Deserialize(_api.Bodies.Single(), CoreJson.Default.SubscriptionRequest)!.Filter!.Events);
    }

    [Fact]
    public async Task Create_Json_IsTheAnswer()
    {
        await _cli.RunAsync(_api, "subscriptions", "create", "https://example.com/", "--json");

        var created = JsonSerializer.Deserialize(_cli.Out.Output, CoreJson.Default.SubscriptionCreated)!;
        Assert.Equal(("sub-1", FakeSubscriptions.Secret), (created.Id, created.Secret));
    }

    [Fact]
    public async Task List_Text_ShowsFilterStateAndFormerSecrets()
    {
        _api.Subscriptions.Add(Subscription("sub-1"));
        _api.Subscriptions.Add(Subscription("sub-2") with { Enabled = false, DisabledAt = _now, DisabledReason = "It is\ngone." });

        Assert.Equal(ExitCodes.Done, await _cli.RunAsync(_api, "subscriptions", "list"));

        Assert.Matches(@"sub-1 +https://example.com/hook +run_failed on \*", _cli.Out.Output);
        Assert.Contains("a former secret counts until 2026-01-02", _cli.Out.Output, StringComparison.Ordinal);
        Assert.Matches("disabled 2026-01-01 .*: It is gone\\.", _cli.Out.Output);
    }

    [Fact]
    public async Task List_Json_IsThePage()
    {
        _api.Subscriptions.Add(Subscription("sub-1"));

        await _cli.RunAsync(_api, "subscriptions", "list", "--json");

        var page = JsonSerializer.Deserialize(_cli.Out.Output, CoreJson.Default.ResourcePageSubscriptionResource)!;
        Assert.Equal("sub-1", Assert.Single(page.Items).Id);
    }

    [Theory]
    [InlineData(true, "delivered", 204, ExitCodes.Done, "delivered: HTTP 204 after 12 ms")]
    [InlineData(false, "rejected", 400, ExitCodes.Failed, "rejected: HTTP 400 after 12 ms")]
    [InlineData(false, "unreachable", null, ExitCodes.Failed, "unreachable: no answer after 12 ms")]
    public async Task Test_Receiver_ShowsWhatItSaidAndExitsByIt(bool delivered, string code, int? status, int exit, string shown)
    {
        _api.TestResult = new SubscriptionTestResult("test:1", delivered, code, status, 12, "what it\nsaid");

        Assert.Equal(exit, await _cli.RunAsync(_api, "subscriptions", "test", "sub-1"));

        Assert.Equal([shown, "what it said"], _cli.Out.Lines);
        Assert.Contains("POST /subscriptions/sub-1/test", _api.Requests);
    }

    [Fact]
    public async Task Rotate_Overlap_IsSentAndTheNewSecretIsOnStdout()
    {
        Assert.Equal(ExitCodes.Done, await _cli.RunAsync(_api, "subscriptions", "rotate", "sub-1", "--overlap", "12h"));

        Assert.Equal(FakeSubscriptions.Secret, _cli.Out.Output.Trim());
        Assert.Contains("former secret as well until 2026-01-02", _cli.Error.Output, StringComparison.Ordinal);
        Assert.Equal("12h", JsonSerializer.Deserialize(_api.Bodies.Single(), CoreJson.Default.RotationRequest)!.Overlap);
    }

    [Fact]
    public async Task DisableAndEnable_Subscription_ShowIt()
    {
        _api.Subscriptions.Add(Subscription("sub-1"));

        Assert.Equal(ExitCodes.Done, await _cli.RunAsync(_api, "subscriptions", "disable", "sub-1", "--reason", "moving"));
        Assert.Equal(ExitCodes.Done, await _cli.RunAsync(_api, "subscriptions", "enable", "sub-1"));

        Assert.Equal(["POST /subscriptions/sub-1/disable", "POST /subscriptions/sub-1/enable"], _api.Requests);
        Assert.Equal("moving", JsonSerializer.Deserialize(_api.Bodies.First(), CoreJson.Default.ControlRequest)!.Reason);
        Assert.Contains("sub-1", _cli.Out.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Delete_Subscription_IsDone()
    {
        _api.Subscriptions.Add(Subscription("sub-1"));

        Assert.Equal(ExitCodes.Done, await _cli.RunAsync(_api, "subscriptions", "delete", "sub-1"));

        Assert.Empty(_api.Subscriptions);
        Assert.Contains("Subscription sub-1 is deleted.", _cli.Out.Output, StringComparison.Ordinal);
    }

    private static SubscriptionResource Subscription(string id) => new(
        id,
        "https://example.com/hook",
        new SubscriptionFilter(["run_failed"], ["*"]),
        true,
        null,
        null,
        false,
        [new SecretResource(_now, null), new SecretResource(_now, FakeSubscriptions.OverlapEnd)],
        "olga",
        _now,
        _now);
}
