using System.Collections.Concurrent;
using Azure;
using Azure.Data.Tables;
using Azure.Data.Tables.Models;
using QuantaPilot.Core.Ports;

namespace QuantaPilot.Integrations.Tables;

/// <summary>
/// Tokens on Azure Table Storage. One that was found is taken as it was for 10 s, so a revocation by another instance takes
/// effect within that time; one by this instance does at once.
/// </summary>
public sealed class TablesTokenStore(TablesStorage storage, TimeProvider time) : ITokenStore
{
    private const string Partition = "tokens";
    private const string Id = "TokenId";
    private const string Name = "Name";
    private const string Roles = "Roles";
    private const string Projects = "Projects";
    private const string CreatedAt = "CreatedAt";
    private const string ExpiresAt = "ExpiresAt";
    private const string RevokedAt = "RevokedAt";
    private const string LastUsedAt = "LastUsedAt";
    private const string Hash = "Hash";
    private static readonly TimeSpan _fresh = TimeSpan.FromSeconds(10);

    private readonly TableClient _table = storage.Table(TablesStorage.Tokens);
    private readonly ConcurrentDictionary<string, (ApiToken Token, long ReadAt)> _found = new(StringComparer.Ordinal);

    /// <summary>Counts the revocations, so that what was read before one is not remembered after it.</summary>
    private int _revocations;

    public async Task CreateAsync(ApiToken token, CancellationToken cancellationToken)
    {
        var hash = Convert.ToHexStringLower(token.Hash.Span);
        try
        {
            await _table.SubmitTransactionAsync(
            [
                new(TableTransactionActionType.Add, Row(hash, token)),
                new(TableTransactionActionType.Add, new TableEntity(Partition, IdKey(token.Id)) { [Hash] = hash }),
            ], cancellationToken);
        }
        catch (RequestFailedException e) when (e.ErrorCode == TableErrorCode.EntityAlreadyExists)
        {
            throw new ArgumentException("There is a token with that id or hash.", nameof(token), e);
        }
    }

    public async ValueTask<ApiToken?> FindAsync(ReadOnlyMemory<byte> hash, CancellationToken cancellationToken)
    {
        var key = Convert.ToHexStringLower(hash.Span);
        if (_found.TryGetValue(key, out var known) && time.GetElapsedTime(known.ReadAt) < _fresh) return known.Token;
        var (readAt, revocations) = (time.GetTimestamp(), Volatile.Read(ref _revocations));
        var found = await _table.GetEntityIfExistsAsync<TableEntity>(Partition, key, null, cancellationToken);
        if (!found.HasValue) return null;
        var token = Read(found.Value!);
        _found[key] = (token, readAt);
        if (revocations != Volatile.Read(ref _revocations)) _found.TryRemove(key, out _);
        return token;
    }

    public async Task RevokeAsync(string name, DateTimeOffset at, CancellationToken cancellationToken)
    {
        await foreach (var row in RowsAsync(cancellationToken))
        {
            if (row.GetString(Name) == name) await RevokeOneAsync(row.RowKey, at, cancellationToken);
        }
    }

    public async Task<bool> RevokeByIdAsync(string id, DateTimeOffset at, CancellationToken cancellationToken)
    {
        if (await FindHashAsync(id, cancellationToken) is not { } hash) return false;
        await RevokeOneAsync(hash, at, cancellationToken);
        return true;
    }

    public async Task<IReadOnlyList<ApiToken>> ListAsync(CancellationToken cancellationToken)
    {
        var tokens = new List<ApiToken>();
        await foreach (var row in RowsAsync(cancellationToken)) tokens.Add(Read(row));
        return [.. tokens.OrderByDescending(token => token.CreatedAt).ThenBy(token => token.Id, StringComparer.Ordinal)];
    }

    public async Task MarkUsedAsync(string id, DateTimeOffset at, CancellationToken cancellationToken)
    {
        if (await FindHashAsync(id, cancellationToken) is not { } hash) return;
        var row = new TableEntity(Partition, hash) { [LastUsedAt] = at };
        await _table.UpdateEntityAsync(row, ETag.All, TableUpdateMode.Merge, cancellationToken);
        Forget(hash);
    }

    private async Task RevokeOneAsync(string hash, DateTimeOffset at, CancellationToken cancellationToken)
    {
        while (true)
        {
            var row = (await _table.GetEntityAsync<TableEntity>(Partition, hash, [RevokedAt], cancellationToken)).Value;
            try
            {
                // The time of the first revocation stays.
                if (row.GetDateTimeOffset(RevokedAt) is null)
                {
                    var revoked = new TableEntity(Partition, hash) { [RevokedAt] = at };
                    await _table.UpdateEntityAsync(revoked, row.ETag, TableUpdateMode.Merge, cancellationToken);
                }
                Forget(hash);
                return;
            }
            catch (RequestFailedException e) when (e.ErrorCode == TableErrorCode.UpdateConditionNotSatisfied)
            {
                // Used or revoked meanwhile: look again.
            }
        }
    }

    private void Forget(string hash)
    {
        Interlocked.Increment(ref _revocations);
        _found.TryRemove(hash, out _);
    }

    private async Task<string?> FindHashAsync(string id, CancellationToken cancellationToken)
    {
        var found = await _table.GetEntityIfExistsAsync<TableEntity>(Partition, IdKey(id), null, cancellationToken);
        return found.HasValue ? found.Value!.GetString(Hash) : null;
    }

    /// <summary>Hashes are hexadecimal, so they sort before the entries by id.</summary>
    private AsyncPageable<TableEntity> RowsAsync(CancellationToken cancellationToken) =>
        _table.QueryAsync<TableEntity>($"PartitionKey eq '{Partition}' and RowKey lt 'id:'", null, null, cancellationToken);

    private static string IdKey(string id) => $"id:{Keys.Hash(id)}";

    private static TableEntity Row(string hash, ApiToken token) => new(Partition, hash)
    {
        [Id] = token.Id,
        [Name] = token.Name,
        [Roles] = string.Join('\n', token.Roles),
        [Projects] = string.Join('\n', token.Projects),
        [CreatedAt] = token.CreatedAt,
        [ExpiresAt] = token.ExpiresAt,
        [RevokedAt] = token.RevokedAt,
        [LastUsedAt] = token.LastUsedAt,
    };

    private static ApiToken Read(TableEntity row) => new(
        row.GetString(Id),
        row.GetString(Name),
        Convert.FromHexString(row.RowKey),
        [.. row.GetString(Roles).Split('\n').Select(Enum.Parse<TokenRole>)],
        row.GetString(Projects).Split('\n'),
        row.GetDateTimeOffset(CreatedAt)!.Value,
        row.GetDateTimeOffset(ExpiresAt),
        row.GetDateTimeOffset(RevokedAt),
        row.GetDateTimeOffset(LastUsedAt));
}
