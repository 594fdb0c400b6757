using Microsoft.Extensions.Time.Testing;
using QuantaPilot.Api.Access;
using QuantaPilot.Api.Tests.Support;
using QuantaPilot.Core.Ports;
using QuantaPilot.Engine.Storage;
using QuantaPilot.Host.Sqlite;

namespace QuantaPilot.Api.Tests;

public sealed class BootstrapTokenTests : IDisposable
{
    private readonly TempDirectory _directory = new();
    private readonly SqliteFile _file;
    private readonly SqliteTokenStore _tokens;
    private readonly BootstrapToken _bootstrap;

    public BootstrapTokenTests()
    {
        _file = SqliteFile.Open(_directory.File("test.db"), RunsSchema.Scripts);
        _tokens = new SqliteTokenStore(_file);
        _bootstrap = new BootstrapToken(_tokens, new FakeTimeProvider(Scenario.Start), CheckedLogger.For<BootstrapToken>());
    }

    [Fact]
    public async Task Ensure_NewValue_IsAnAdminTokenAndOnlyItsHashIsStored()
    {
        var value = BearerToken.Create();

        Assert.True(await _bootstrap.EnsureAsync(value, default));

        var token = (await _tokens.FindAsync(BearerToken.Hash(value), default))!;
        Assert.True(token.IsValidAt(Scenario.Start));
        Assert.Equal([TokenRole.Admin], token.Roles);
        var bytes = new[] { "test.db", "test.db-wal" }.Select(_directory.File).SelectMany(File.ReadAllBytes).ToArray();
        Assert.Equal(-1, bytes.AsSpan().IndexOf(System.Text.Encoding.ASCII.GetBytes(value[3..])));
    }

    [Fact]
    public async Task Ensure_SameValueByManyHostsAtOnce_IsOneToken()
    {
        var value = BearerToken.Create();

        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => _bootstrap.EnsureAsync(value, default)));

        Assert.DoesNotContain(false, answers);
        Assert.Null(Assert.Single(await _tokens.ListAsync(default)).RevokedAt);
    }

    [Fact]
    public async Task Ensure_ChangedValue_RevokesTheEarlierOneOnly()
    {
        string first = BearerToken.Create(), second = BearerToken.Create(), other = BearerToken.Create();
        await CreateAsync(other, TokenRole.Admin);
        await _bootstrap.EnsureAsync(first, default);

        Assert.True(await _bootstrap.EnsureAsync(second, default));

        Assert.False(await IsValidAsync(first));
        Assert.True(await IsValidAsync(second));
        Assert.True(await IsValidAsync(other));
    }

    [Fact]
    public async Task Ensure_ValueThatWasRevoked_StaysRevokedAndTouchesNoOther()
    {
        string first = BearerToken.Create(), second = BearerToken.Create();
        await _bootstrap.EnsureAsync(first, default);
        await _bootstrap.EnsureAsync(second, default);

        Assert.False(await _bootstrap.EnsureAsync(first, default));

        Assert.False(await IsValidAsync(first));
        Assert.True(await IsValidAsync(second));
    }

    [Fact]
    public async Task Ensure_ValueOfATokenWithoutTheRole_SaysNo()
    {
        var value = BearerToken.Create();
        await CreateAsync(value, TokenRole.Consumer);

        Assert.False(await _bootstrap.EnsureAsync(value, default));
        Assert.Equal([TokenRole.Consumer], (await _tokens.ListAsync(default)).Single().Roles);
    }

    [Theory]
    [InlineData("")]
    [InlineData("secret")]
    [InlineData("qp_short")]
    public async Task Ensure_NoToken_SaysWhatIsAcceptedAndNotWhatWasGiven(string value)
    {
        var e = await Assert.ThrowsAsync<FormatException>(() => _bootstrap.EnsureAsync(value, default));

        Assert.Contains("qp_ and 43 base64url characters", e.Message, StringComparison.Ordinal);
        if (value.Length > 0) Assert.DoesNotContain(value, e.Message, StringComparison.Ordinal);
    }

    public void Dispose()
    {
        _file.Dispose();
        _directory.Dispose();
    }

    private Task CreateAsync(string value, TokenRole role) =>
        _tokens.CreateAsync(new ApiToken("o", "other", BearerToken.Hash(value), [role], ["*"], Scenario.Start, null, null), default);

    private async Task<bool> IsValidAsync(string value) =>
        (await _tokens.FindAsync(BearerToken.Hash(value), default))!.IsValidAt(Scenario.Start);
}
