using System.Collections.Concurrent;
using QuantaPilot.Core.Ports;

namespace QuantaPilot.Api.Tests.Support;

/// <summary>Remembers which uses of tokens were written, and can be away.</summary>
internal sealed class CountingTokenStore : ITokenStore
{
    public ConcurrentQueue<(string Id, DateTimeOffset At)> Uses { get; } = new();

    public Exception? Fault { get; set; }

    public static ApiToken Token(string id) => new(id, id, new byte[32], [TokenRole.Consumer], ["*"], Scenario.Start, null, null);

    public Task MarkUsedAsync(string id, DateTimeOffset at, CancellationToken cancellationToken)
    {
        if (Fault is { } fault) return Task.FromException(fault);
        Uses.Enqueue((id, at));
        return Task.CompletedTask;
    }

    public Task CreateAsync(ApiToken token, CancellationToken cancellationToken) => throw new NotSupportedException();

    public ValueTask<ApiToken?> FindAsync(ReadOnlyMemory<byte> hash, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public Task RevokeAsync(string name, DateTimeOffset at, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<bool> RevokeByIdAsync(string id, DateTimeOffset at, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public Task<IReadOnlyList<ApiToken>> ListAsync(CancellationToken cancellationToken) => throw new NotSupportedException();
}
