using QuantaPilot.Api.Tests.Support;
using QuantaPilot.Core.Ports;

namespace QuantaPilot.Api.Tests.Streams;

/// <summary>How long streams last, and what they show meanwhile.</summary>
public sealed class StreamLifeTests : IAsyncLifetime
{
    private static readonly TimeSpan _heartbeat = TimeSpan.FromSeconds(15);
    private ApiHost _host = null!;

    public async Task InitializeAsync() => _host = await ApiHost.StartAsync();

    public async Task DisposeAsync() => await _host.DisposeAsync();

    [Theory]
    [InlineData("/runs/RUN/events?events=run_failed")]
    [InlineData("/events?events=run_failed")]
    [InlineData("/events?project=https://example.com/org/quiet")]
    public async Task Stream_WhereOnlyOtherThingsHappen_ShowsThatItLives(string path)
    {
        var id = await _host.AddRunAsync(Scenario.Run(), Scenario.Started());
        using var stream = await _host.Admin.StreamAsync(path.Replace("RUN", $"{id}", StringComparison.Ordinal));
        var comment = stream.CommentAsync();

        // Something happens every 5 s: a stream that only counted the time since then would keep silent for ever.
        for (var revision = 2; !comment.IsCompleted; revision++)
        {
            await _host.Store.AppendAsync(id, [Scenario.Tick(revision)], default);
            _host.Time.Advance(TimeSpan.FromSeconds(5));
            await Task.Yield();
        }

        Assert.StartsWith(":", await comment, StringComparison.Ordinal);
        Assert.Equal(0, stream.EventsPassedOver);
    }

    [Theory]
    [InlineData("/runs/RUN/events")]
    [InlineData("/events?after=0")]
    public async Task Stream_TokenRevoked_TellsNothingThatCameAfterAndEnds(string path)
    {
        var id = await _host.AddRunAsync(Scenario.Run(), Scenario.Started());
        using var client = await _host.ClientAsync("reader", TokenRole.Consumer);
        using var stream = await client.StreamAsync(path.Replace("RUN", $"{id}", StringComparison.Ordinal));
        await stream.TakeAsync(1);

        await _host.Tokens.RevokeAsync("reader", _host.Time.GetUtcNow(), default);
        await _host.Store.AppendAsync(id, [Scenario.Tick(2)], default);

        Assert.Empty(await stream.ToEndAsync());
    }

    [Theory]
    [InlineData("/runs/RUN/events", true)]
    [InlineData("/runs/RUN/events", false)]
    [InlineData("/events?after=0", true)]
    [InlineData("/events?after=0", false)]
    public async Task Stream_TokenNoLongerValidWhileNothingHappens_EndsAtTheNextHeartbeat(string path, bool revoked)
    {
        var id = await _host.AddRunAsync(Scenario.Run(), Scenario.Started());
        DateTimeOffset? expiresAt = revoked ? null : _host.Time.GetUtcNow() + TimeSpan.FromHours(1);
        using var client = await _host.ClientAsync("reader", [TokenRole.Consumer], ["*"], expiresAt);
        using var stream = await client.StreamAsync(path.Replace("RUN", $"{id}", StringComparison.Ordinal));
        await stream.TakeAsync(1);

        if (revoked) await _host.Tokens.RevokeAsync("reader", _host.Time.GetUtcNow(), default);
        else _host.Time.Advance(TimeSpan.FromHours(1) - _heartbeat);
        var end = stream.ToEndAsync();
        // The stream may set its timer at any moment: time goes by until it has gone off.
        while (!end.IsCompleted)
        {
            _host.Time.Advance(_heartbeat);
            await Task.Yield();
        }

        Assert.Empty(await end);
    }
}
