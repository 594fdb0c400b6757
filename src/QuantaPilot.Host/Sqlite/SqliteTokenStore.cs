using System.Collections.Concurrent;
using System.Globalization;
using Microsoft.Data.Sqlite;
using QuantaPilot.Core.Ports;
using QuantaPilot.Engine.Storage;

namespace QuantaPilot.Host.Sqlite;

/// <summary>Tokens in the host's one file. Since no other process writes to it, those found stay in memory.</summary>
public sealed class SqliteTokenStore(SqliteFile file) : ITokenStore
{
    private const string Columns =
        "SELECT token_id, name, hash, roles, projects, created_at, expires_at, revoked_at, last_used_at FROM tokens ";

    // Held while a token is read and remembered, so that a revocation in between cannot be overwritten.
    private readonly Lock _remembering = new();
    private readonly ConcurrentDictionary<string, ApiToken> _found = new(StringComparer.Ordinal);

    public async Task CreateAsync(ApiToken token, CancellationToken cancellationToken)
    {
        var added = await file.WriteAsync(session => session.Execute(
            """
            INSERT INTO tokens (token_id, hash, name, roles, projects, created_at, expires_at, revoked_at)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) ON CONFLICT DO NOTHING
            """,
            token.Id,
            token.Hash.ToArray(),
            token.Name,
            string.Join('\n', token.Roles),
            string.Join('\n', token.Projects),
            Text(token.CreatedAt),
            token.ExpiresAt is { } expires ? Text(expires) : null,
            token.RevokedAt is { } revoked ? Text(revoked) : null));
        if (added == 0) throw new ArgumentException("There is a token with that id or hash.", nameof(token));
    }

    public ValueTask<ApiToken?> FindAsync(ReadOnlyMemory<byte> hash, CancellationToken cancellationToken)
    {
        var key = Convert.ToHexString(hash.Span);
        if (_found.TryGetValue(key, out var known)) return ValueTask.FromResult<ApiToken?>(known);
        lock (_remembering)
        {
            var token = file.Read(session =>
            {
                using var reader = session.Query(Columns + "WHERE hash = ?1", hash.ToArray());
                return reader.Read() ? Read(reader) : null;
            });
            return ValueTask.FromResult(token is null ? null : _found.GetOrAdd(key, token));
        }
    }

    public async Task RevokeAsync(string name, DateTimeOffset at, CancellationToken cancellationToken)
    {
        await file.WriteAsync(session =>
            session.Execute("UPDATE tokens SET revoked_at = ?2 WHERE name = ?1 AND revoked_at IS NULL", name, Text(at)));
        Remember(token => token.Name == name && token.RevokedAt is null ? token with { RevokedAt = at } : token);
    }

    public async Task<bool> RevokeByIdAsync(string id, DateTimeOffset at, CancellationToken cancellationToken)
    {
        var known = await file.WriteAsync(session =>
            session.Execute("UPDATE tokens SET revoked_at = coalesce(revoked_at, ?2) WHERE token_id = ?1", id, Text(at)) == 1);
        if (known) Remember(token => token.Id == id ? token with { RevokedAt = token.RevokedAt ?? at } : token);
        return known;
    }

    public Task<IReadOnlyList<ApiToken>> ListAsync(CancellationToken cancellationToken) => Task.FromResult(file.Read(session =>
    {
        using var reader = session.Query(Columns + "ORDER BY created_at DESC, token_id");
        var tokens = new List<ApiToken>();
        while (reader.Read()) tokens.Add(Read(reader));
        return (IReadOnlyList<ApiToken>)tokens;
    }));

    public async Task MarkUsedAsync(string id, DateTimeOffset at, CancellationToken cancellationToken)
    {
        await file.WriteAsync(session => session.Execute("UPDATE tokens SET last_used_at = ?2 WHERE token_id = ?1", id, Text(at)));
        Remember(token => token.Id == id ? token with { LastUsedAt = at } : token);
    }

    /// <summary>Brings what is in memory to what was just committed.</summary>
    private void Remember(Func<ApiToken, ApiToken> change)
    {
        lock (_remembering)
        {
            foreach (var (key, token) in _found) _found[key] = change(token);
        }
    }

    private static ApiToken Read(SqliteDataReader reader) => new(
        reader.GetString(0),
        reader.GetString(1),
        (byte[])reader[2],
        [.. reader.GetString(3).Split('\n').Select(Enum.Parse<TokenRole>)],
        reader.GetString(4).Split('\n'),
        Time(reader.GetString(5)),
        reader.IsDBNull(6) ? null : Time(reader.GetString(6)),
        reader.IsDBNull(7) ? null : Time(reader.GetString(7)),
        reader.IsDBNull(8) ? null : Time(reader.GetString(8)));

    private static string Text(DateTimeOffset time) => time.UtcDateTime.ToString("O", CultureInfo.InvariantCulture);

    private static DateTimeOffset Time(string text) =>
        DateTimeOffset.Parse(text, CultureInfo.InvariantCulture, DateTimeStyles.RoundtripKind);
}
