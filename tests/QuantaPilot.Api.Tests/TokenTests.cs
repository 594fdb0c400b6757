using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using QuantaPilot.Api.Access;
using QuantaPilot.Api.Tests.Support;
using QuantaPilot.Core.Contracts;
using QuantaPilot.Core.Ports;
using QuantaPilot.Core.Runs;

namespace QuantaPilot.Api.Tests;

public sealed class TokenTests : IAsyncLifetime
{
    private ApiHost _host = null!;

    public async Task InitializeAsync() => _host = await ApiHost.StartAsync();

    public async Task DisposeAsync() => await _host.DisposeAsync();

    [Fact]
    public async Task Create_Token_IsShownOnceAndWorksWithinItsRoleAndTime()
    {
        var created = await CreateAsync("""{"name":"olga","roles":["approver","consumer"],"expires_at":"2026-01-01T01:00:00+00:30"}""");

        using var client = _host.Anonymous();
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", created.Token);
        Assert.Equal(HttpStatusCode.OK, (await client.GetAsync("/runs")).StatusCode);
        await (await client.GetAsync("/tokens")).ProblemAsync(HttpStatusCode.Forbidden, ErrorCodes.Forbidden);
        var listed = await _host.Admin.GetStringAsync("/tokens");
        Assert.DoesNotContain(created.Token, listed, StringComparison.Ordinal);
        Assert.DoesNotContain(Convert.ToHexStringLower(BearerToken.Hash(created.Token)), listed, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("hash", listed, StringComparison.Ordinal);
        var mine = (await ListAsync()).Single(token => token.Id == created.Id);
        Assert.Equal(["*"], mine.Projects);
        Assert.Equal([TokenRole.Approver, TokenRole.Consumer], mine.Roles);
        Assert.Equal(Scenario.Start.AddMinutes(30), mine.ExpiresAt);

        _host.Time.Advance(TimeSpan.FromMinutes(30));
        await (await client.GetAsync("/runs")).ProblemAsync(HttpStatusCode.Unauthorized, ErrorCodes.Unauthenticated);
    }

    [Theory]
    [InlineData("""{"roles":["consumer"]}""", "name")]
    [InlineData("""{"name":"","roles":["consumer"]}""", "name")]
    [InlineData("""{"name":" x","roles":["consumer"]}""", "name")]
    [InlineData("""{"name":"a\nb","roles":["consumer"]}""", "name")]
    [InlineData("""{"name":"<b>","roles":["consumer"]}""", "name")]
    [InlineData("""{"name":"Admin","roles":["consumer"]}""", "name")]
    [InlineData("""{"name":"bootstrap","roles":["consumer"]}""", "name")]
    [InlineData("""{"name":7,"roles":["consumer"]}""", "name")]
    [InlineData("""{"name":"x"}""", "roles")]
    [InlineData("""{"name":"x","roles":[]}""", "roles")]
    [InlineData("""{"name":"x","roles":"consumer"}""", "roles")]
    [InlineData("""{"name":"x","roles":["Consumer"]}""", "roles[0]")]
    [InlineData("""{"name":"x","roles":["consumer",null]}""", "roles[1]")]
    [InlineData("""{"name":"x","roles":["consumer","consumer"]}""", "roles[1]")]
    [InlineData("""{"name":"x","roles":["consumer",1]}""", "roles[1]")]
    [InlineData("""{"name":"x","roles":["consumer"],"projects":[]}""", "projects")]
    [InlineData("""{"name":"x","roles":["consumer"],"projects":["ftp://x"]}""", "projects[0]")]
    [InlineData("""{"name":"x","roles":["consumer"],"projects":["*","https://a\nhttps://b"]}""", "projects[1]")]
    [InlineData("""{"name":"x","roles":["consumer"],"projects":[null]}""", "projects[0]")]
    [InlineData("""{"name":"x","roles":["consumer"],"expires_at":"tomorrow"}""", "expires_at")]
    [InlineData("""{"name":"x","roles":["consumer"],"expires_at":"2027-01-01"}""", "expires_at")]
    [InlineData("""{"name":"x","roles":["consumer"],"expires_at":"2027-13-01T00:00:00Z"}""", "expires_at")]
    [InlineData("""{"name":"x","roles":["consumer"],"expires_at":"2026-01-01T00:00:00Z"}""", "expires_at")]
    [InlineData("""{"name":"x","roles":["consumer"],"token":"qp_mine"}""", "token")]
    public async Task Create_BadMember_IsNamed(string body, string names)
    {
        using var answer = await _host.Admin.PostAsync("/tokens", ApiHost.Json(body));

        var problem = await answer.ProblemAsync(HttpStatusCode.BadRequest, ErrorCodes.InvalidRequest);
        Assert.Equal([names], problem.Errors!.Keys);
    }

    [Theory]
    [InlineData("olga")]
    [InlineData("Ольга 2")]
    [InlineData("ci-robot@build.example.com")]
    [InlineData("0123456789012345678901234567890123456789012345678901234567890123")]
    public async Task Create_Name_MayBeThatOfAPersonOrSystem(string name) =>
        Assert.Equal(name, (await CreateAsync(JsonSerializer.Serialize(new { name, roles = new[] { "consumer" } }))).Name);

    [Theory]
    [InlineData("https://example.com/ours/*", true)]
    [InlineData("https://example.com/ours/a", true)]
    [InlineData("https://EXAMPLE.com/ours/*/x", true)]
    [InlineData("https://example.com/ours*", false)]
    [InlineData("https://example.com/*", false)]
    [InlineData("https://example.com/theirs/a", false)]
    [InlineData("*", false)]
    public async Task Create_WithinAScope_ReachesNoFurtherThanTheAskingToken(string project, bool accepted)
    {
        using var scoped = await _host.ClientAsync("us", [TokenRole.Admin], ["https://example.com/ours/*"], null);

        using var answer = await scoped.PostAsync(
            "/tokens", ApiHost.Json($$"""{"name":"x","roles":["admin"],"projects":["{{project}}"]}"""));
        using var unsaid = await scoped.PostAsync("/tokens", ApiHost.Json("""{"name":"x","roles":["admin"]}"""));

        Assert.Equal(accepted ? HttpStatusCode.Created : HttpStatusCode.BadRequest, answer.StatusCode);
        var created = await unsaid.OkAsync(CoreJson.Default.TokenCreated, HttpStatusCode.Created);
        Assert.Equal(["https://example.com/ours/*"], created.Projects);
    }

    [Fact]
    public async Task Revoke_Token_TakesEffectAtOnceAndTwiceIsOnce()
    {
        var created = await CreateAsync("""{"name":"olga","roles":["consumer"]}""");
        using var client = _host.Anonymous();
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", created.Token);
        Assert.Equal(HttpStatusCode.OK, (await client.GetAsync("/runs")).StatusCode);

        using var first = await _host.Admin.DeleteAsync($"/tokens/{created.Id}");
        await (await client.GetAsync("/runs")).ProblemAsync(HttpStatusCode.Unauthorized, ErrorCodes.Unauthenticated);
        _host.Time.Advance(TimeSpan.FromHours(1));
        using var second = await _host.Admin.DeleteAsync($"/tokens/{created.Id}");

        Assert.Equal(HttpStatusCode.NoContent, first.StatusCode);
        Assert.Equal(HttpStatusCode.NoContent, second.StatusCode);
        Assert.Equal(Scenario.Start, (await ListAsync()).Single(token => token.Id == created.Id).RevokedAt);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Revoke_WhileAStreamIsOpen_EndsItBeforeTheNextEvent(bool somethingHappens)
    {
        var run = await _host.AddRunAsync(Scenario.Run(), Scenario.Started());
        var created = await CreateAsync("""{"name":"olga","roles":["consumer"]}""");
        using var client = _host.Anonymous();
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", created.Token);
        using var stream = await client.GetAsync("/events?after=0", HttpCompletionOption.ResponseHeadersRead);
        using var reader = new EventReader(await stream.Content.ReadAsStreamAsync());
        await reader.TakeAsync(1);

        await _host.Admin.DeleteAsync($"/tokens/{created.Id}");
        if (somethingHappens) await _host.Store.AppendAsync(run, [Scenario.Tick(2)], default);
        var rest = reader.ToEndAsync();
        // Where nothing happens, the stream may set its timer at any moment: time goes by until it has gone off.
        while (!rest.IsCompleted && !somethingHappens)
        {
            _host.Time.Advance(TimeSpan.FromSeconds(15));
            await Task.Yield();
        }

        Assert.Empty(await rest);
    }

    [Theory]
    [InlineData("0123456789abcdef0123456789abcdef")]
    [InlineData("x")]
    [InlineData("%20")]
    public async Task Revoke_UnknownId_IsNotFound(string id) =>
        await (await _host.Admin.DeleteAsync("/tokens/" + id)).ProblemAsync(HttpStatusCode.NotFound, ErrorCodes.NotFound);

    [Fact]
    public async Task Revoke_LastAdmin_IsRefusedUntilThereIsAnother()
    {
        var last = (await ListAsync()).Single();
        await CreateAsync("""{"name":"reader","roles":["consumer"]}""");
        await CreateAsync("""{"name":"narrow","roles":["admin"],"projects":["https://example.com/a"]}""");
        var brief = await CreateAsync("""{"name":"brief","roles":["admin"],"expires_at":"2026-01-01T00:01:00Z"}""");
        _host.Time.Advance(TimeSpan.FromMinutes(1));

        using var refused = await _host.Admin.DeleteAsync($"/tokens/{last.Id}");
        using var expired = await _host.Admin.DeleteAsync($"/tokens/{brief.Id}");
        await CreateAsync("""{"name":"next","roles":["admin"]}""");
        using var done = await _host.Admin.DeleteAsync($"/tokens/{last.Id}");

        await refused.ProblemAsync(HttpStatusCode.Conflict, ErrorCodes.LastAdminToken);
        Assert.Equal(HttpStatusCode.NoContent, expired.StatusCode);
        Assert.Equal(HttpStatusCode.NoContent, done.StatusCode);
        await (await _host.Admin.GetAsync("/tokens")).ProblemAsync(HttpStatusCode.Unauthorized, ErrorCodes.Unauthenticated);
    }

    [Fact]
    public async Task Revoke_TwoAdminsEachOtherAtOnce_LeavesOne()
    {
        var first = (await ListAsync()).Single();
        var second = await CreateAsync("""{"name":"second","roles":["admin"]}""");
        using var other = _host.Anonymous();
        other.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", second.Token);

        await Task.WhenAll(_host.Admin.DeleteAsync($"/tokens/{second.Id}"), other.DeleteAsync($"/tokens/{first.Id}"));

        Assert.Single(await _host.Tokens.ListAsync(default), token => token.RevokedAt is null);
    }

    [Fact]
    public async Task Use_Often_IsNotedOnceAMinute()
    {
        var store = new CountingTokenStore();
        await using var uses = new TokenUses(store, _host.Time, CheckedLogger.For<TokenUses>());
        for (var second = 0; second < 150; second++)
        {
            foreach (var id in new[] { "a", "b" }) uses.Note(CountingTokenStore.Token(id));
            _host.Time.Advance(TimeSpan.FromSeconds(1));
        }
        uses.Note(CountingTokenStore.Token("c") with { LastUsedAt = _host.Time.GetUtcNow().AddSeconds(-59) });
        await uses.DisposeAsync();

        var minutes = new[] { 0, 60, 120 }.Select(second => Scenario.Start.AddSeconds(second));
        Assert.Equal(minutes.SelectMany(at => new[] { ("a", at), ("b", at) }).Order(), store.Uses.Order());
    }

    [Fact]
    public async Task Use_WhileTheStoreIsAway_DoesNotHoldUpTheRequest()
    {
        var store = new CountingTokenStore { Fault = new IOException("away") };
        await using var uses = new TokenUses(store, _host.Time, CheckedLogger.For<TokenUses>());

        uses.Note(CountingTokenStore.Token("a"));
        await uses.DisposeAsync();
        store.Fault = null;
        _host.Time.Advance(TimeSpan.FromMinutes(1));
        uses.Note(CountingTokenStore.Token("a"));
        await uses.DisposeAsync();

        Assert.Equal([("a", Scenario.Start.AddMinutes(1))], store.Uses);
    }

    [Fact]
    public async Task Use_OfAToken_ShowsInTheList()
    {
        using var client = await _host.ClientAsync("olga", TokenRole.Consumer);
        await client.GetAsync("/runs");
        await _host.Services.GetRequiredService<TokenUses>().DisposeAsync();

        Assert.Equal(Scenario.Start, (await ListAsync()).Single(token => token.Name == "olga").LastUsedAt);
    }

    private async Task<TokenCreated> CreateAsync(string body)
    {
        using var answer = await _host.Admin.PostAsync("/tokens", ApiHost.Json(body));
        return await answer.OkAsync(CoreJson.Default.TokenCreated, HttpStatusCode.Created);
    }

    private async Task<IReadOnlyList<TokenResource>> ListAsync() =>
        (await (await _host.Admin.GetAsync("/tokens")).OkAsync(CoreJson.Default.ResourcePageTokenResource)).Items;
}
