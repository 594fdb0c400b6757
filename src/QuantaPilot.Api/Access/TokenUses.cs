using Microsoft.Extensions.Logging;
using QuantaPilot.Core.Ports;

namespace QuantaPilot.Api.Access;

/// <summary>Notes when tokens are used: at most once a minute each, and beside the request, which does not wait for it.</summary>
internal sealed class TokenUses(ITokenStore tokens, TimeProvider time, ILogger<TokenUses> logger) : IAsyncDisposable
{
    private static readonly TimeSpan _interval = TimeSpan.FromMinutes(1);
    private readonly Lock _gate = new();

    // One entry for each token that is known to the store, so few.
    private readonly Dictionary<string, (DateTimeOffset At, Task Write)> _noted = new(StringComparer.Ordinal);

    /// <summary>Notes that a token is used now.</summary>
    public void Note(ApiToken token)
    {
        var now = time.GetUtcNow();
        if (now - token.LastUsedAt < _interval) return;
        lock (_gate)
        {
            // The store's own answer can be late; two requests at once must not both write.
            if (_noted.TryGetValue(token.Id, out var last) && now - last.At < _interval) return;
            _noted[token.Id] = (now, Task.Run(() => WriteAsync(token.Id, now)));
        }
    }

    /// <summary>Waits for what is being written.</summary>
    public async ValueTask DisposeAsync()
    {
        Task[] writes;
        lock (_gate) writes = [.. _noted.Values.Select(noted => noted.Write)];
        await Task.WhenAll(writes);
    }

    private async Task WriteAsync(string id, DateTimeOffset at)
    {
        try
        {
            await tokens.MarkUsedAsync(id, at, CancellationToken.None);
        }
#pragma warning disable CA1031 // Nobody awaits this call: the log is where its fault can be seen. A later use is noted again.
        catch (Exception e)
#pragma warning restore CA1031
        {
            Logs.TokenUseNotNoted(logger, e, id);
        }
    }
}
