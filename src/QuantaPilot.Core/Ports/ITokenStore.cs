using System.Text.Json.Serialization;
using QuantaPilot.Core.Contracts;
using QuantaPilot.Core.Runs;

namespace QuantaPilot.Core.Ports;

/// <summary>Who may call the API. Tokens themselves are never stored, only their SHA-256.</summary>
public interface ITokenStore
{
    /// <exception cref="ArgumentException">There is a token with that id or hash.</exception>
    Task CreateAsync(ApiToken token, CancellationToken cancellationToken);

    /// <summary>The token with this hash, or null; also one that has expired or was revoked.</summary>
    /// <param name="hash">SHA-256 of the token, 32 bytes.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    ValueTask<ApiToken?> FindAsync(ReadOnlyMemory<byte> hash, CancellationToken cancellationToken);

    /// <summary>Revokes all tokens of that name that are not revoked yet. Idempotent.</summary>
    Task RevokeAsync(string name, DateTimeOffset at, CancellationToken cancellationToken);

    /// <summary>Revokes one token. Idempotent: the time of the first revocation stays.</summary>
    /// <returns>False if there is no token of that id.</returns>
    Task<bool> RevokeByIdAsync(string id, DateTimeOffset at, CancellationToken cancellationToken);

    /// <summary>All tokens, newest first, also those that have expired or were revoked. They are few: there is no paging.</summary>
    Task<IReadOnlyList<ApiToken>> ListAsync(CancellationToken cancellationToken);

    /// <summary>Notes when a token was last used. The caller sees to it that this is called only now and then.</summary>
    Task MarkUsedAsync(string id, DateTimeOffset at, CancellationToken cancellationToken);
}

/// <summary>What is known of a token.</summary>
/// <param name="Id">Unique; never shown to others than admins.</param>
/// <param name="Name">The person or system that it stands for. Tokens of one name count as one voter.</param>
/// <param name="Hash">SHA-256 of the token, 32 bytes.</param>
/// <param name="Roles">What it may do.</param>
/// <param name="Projects">Globs over canonical repository names; <c>*</c> covers all.</param>
/// <param name="CreatedAt">When it was made.</param>
/// <param name="ExpiresAt">From when on it is refused; null for never.</param>
/// <param name="RevokedAt">When it was revoked.</param>
/// <param name="LastUsedAt">When it was last used, to about a minute; null for never.</param>
public sealed record ApiToken(
    string Id,
    string Name,
    ReadOnlyMemory<byte> Hash,
    IReadOnlyList<TokenRole> Roles,
    IReadOnlyList<string> Projects,
    DateTimeOffset CreatedAt,
    DateTimeOffset? ExpiresAt,
    DateTimeOffset? RevokedAt,
    DateTimeOffset? LastUsedAt = null)
{
    /// <summary>The projects that it covers.</summary>
    [JsonIgnore]
    public RepositoryPolicy Scope { get; } = new(Projects);

    /// <summary>True unless it was revoked or has expired.</summary>
    public bool IsValidAt(DateTimeOffset now) => RevokedAt is null && (ExpiresAt is not { } end || now < end);
}

[JsonConverter(typeof(SnakeCaseEnumConverter<TokenRole>))]
public enum TokenRole
{
    /// <summary>Starts and controls runs, and reads them.</summary>
    Operator,

    /// <summary>Decides at gates, and reads runs.</summary>
    Approver,

    /// <summary>Reads runs and events.</summary>
    Consumer,

    /// <summary>All of it.</summary>
    Admin,
}
