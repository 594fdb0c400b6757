using System.Text.Json;
using Microsoft.Extensions.Time.Testing;
using QuantaPilot.Cli.CommandLine;
using QuantaPilot.Core.Contracts;
using QuantaPilot.Core.Ports;
using QuantaPilot.Core.Runs;

namespace QuantaPilot.Cli.Tests;

public sealed class TokenCommandTests : IAsyncLifetime, IDisposable
{
    private static readonly DateTimeOffset _now = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly CliRunner _cli = new() { Time = new FakeTimeProvider(_now) };
    private FakeApi _api = null!;

    public async Task InitializeAsync() => _api = await FakeApi.StartAsync();

    public async Task DisposeAsync() => await _api.DisposeAsync();

    public void Dispose() => _cli.Dispose();

    [Fact]
    public async Task Create_Text_IsTheTokenAloneOnStdout()
    {
        var exit = await _cli.RunAsync(
            _api, "token", "create", "olga",
            "--role", "approver", "--role", "consumer", "--project", "https://example.com/*", "--expires", "90d");

        Assert.Equal(ExitCodes.Done, exit);
        Assert.Equal("qp_secret", _cli.Out.Output.Trim());
        Assert.DoesNotContain("qp_secret", _cli.Error.Output, StringComparison.Ordinal);
        Assert.Contains("qp token revoke t1", _cli.Error.Output, StringComparison.Ordinal);
        var sent = JsonSerializer.Deserialize(_api.Bodies.Single(), CoreJson.Default.TokenRequest)!;
        Assert.Equal("olga", sent.Name);
        Assert.Equal(["approver", "consumer"], sent.Roles!);
        Assert.Equal(["https://example.com/*"], sent.Projects!);
        Assert.Equal("2026-04-01T00:00:00Z", sent.ExpiresAt);
    }

    [Fact]
    public async Task Create_Json_IsTheAnswer()
    {
        await _cli.RunAsync(_api, "token", "create", "ci", "--role", "operator", "--expires", "2027-01-31T02:00:00+02:00", "--json");

        var created = JsonSerializer.Deserialize(_cli.Out.Output, CoreJson.Default.TokenCreated)!;
        Assert.Equal(("qp_secret", new DateTimeOffset(2027, 1, 31, 0, 0, 0, TimeSpan.Zero)), (created.Token, created.ExpiresAt));
        Assert.Null(JsonSerializer.Deserialize(_api.Bodies.Single(), CoreJson.Default.TokenRequest)!.Projects);
    }

    [Fact]
    public async Task List_Text_ShowsValidOnesAndCountsTheRest()
    {
        _api.Tokens.Add(Token("a", "olga", lastUsed: _now.AddDays(-1)));
        _api.Tokens.Add(Token("b", "gone", revoked: _now.AddDays(-1)));
        _api.Tokens.Add(Token("c", "late", expires: _now));

        Assert.Equal(ExitCodes.Done, await _cli.RunAsync(_api, "token", "list"));
        var valid = _cli.Out.Output;
        await _cli.RunAsync(_api, "token", "list", "--all");

        Assert.Matches("a +olga +approver on \\*; no expiry; last used 2025-12-31", valid);
        Assert.DoesNotContain("gone", valid, StringComparison.Ordinal);
        Assert.Contains("2 more have expired or were revoked", _cli.Error.Output, StringComparison.Ordinal);
        Assert.Matches("b +gone .*revoked 2025-12-31", _cli.Out.Output);
        Assert.Matches("c +late .*expired 2026-01-01.*never used", _cli.Out.Output);
    }

    [Fact]
    public async Task List_Json_IsThePage()
    {
        _api.Tokens.Add(Token("b", "gone", revoked: _now));

        await _cli.RunAsync(_api, "token", "list", "--json");

        var page = JsonSerializer.Deserialize(_cli.Out.Output, CoreJson.Default.ResourcePageTokenResource)!;
        Assert.Equal("b", Assert.Single(page.Items).Id);
    }

    [Fact]
    public async Task Revoke_Token_IsDone()
    {
        _api.Tokens.Add(Token("a", "olga"));

        Assert.Equal(ExitCodes.Done, await _cli.RunAsync(_api, "token", "revoke", "a"));

        Assert.Empty(_api.Tokens);
        Assert.Contains("Token a is revoked.", _cli.Out.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Revoke_Refused_SaysWhy()
    {
        _api.Refuse = _ =>
            new Problem("about:blank", "Last admin token", 409, "This is the last one.", ErrorCodes.LastAdminToken, "req-409");

        Assert.Equal(ExitCodes.Failed, await _cli.RunAsync(_api, "token", "revoke", "a"));

        Assert.Contains("This is the last one.", _cli.Error.Output, StringComparison.Ordinal);
        Assert.Equal("", _cli.Out.Output);
    }

    private static TokenResource Token(
        string id, string name, DateTimeOffset? expires = null, DateTimeOffset? revoked = null, DateTimeOffset? lastUsed = null) =>
        new(id, name, [TokenRole.Approver], ["*"], _now.AddDays(-30), expires, revoked, lastUsed);
}
