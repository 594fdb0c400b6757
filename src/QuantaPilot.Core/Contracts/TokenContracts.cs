using QuantaPilot.Core.Ports;

namespace QuantaPilot.Core.Contracts;

/// <summary>The body of <c>POST /tokens</c>.</summary>
/// <param name="Name">Whom it stands for, 1 to 64 characters. Tokens of one name count as one voter.</param>
/// <param name="Roles">One or more of <c>operator</c>, <c>approver</c>, <c>consumer</c>, <c>admin</c>.</param>
/// <param name="Projects">Globs over repository URLs without <c>.git</c>; by default those of the token that asks.</param>
/// <param name="ExpiresAt">RFC 3339, in the future; by default it does not expire.</param>
public sealed record TokenRequest(
    string? Name,
    IReadOnlyList<string?>? Roles = null,
    IReadOnlyList<string?>? Projects = null,
    string? ExpiresAt = null);

/// <summary>The answer to <c>POST /tokens</c>, and the only one that ever holds the token itself.</summary>
public sealed record TokenCreated(
    string Id,
    string Name,
    IReadOnlyList<TokenRole> Roles,
    IReadOnlyList<string> Projects,
    DateTimeOffset CreatedAt,
    DateTimeOffset? ExpiresAt,
    string Token);

/// <summary>A token as <c>GET /tokens</c> lists it.</summary>
/// <param name="Id">Names it when it is to be revoked.</param>
/// <param name="Name">Whom it stands for.</param>
/// <param name="Roles">What it may do.</param>
/// <param name="Projects">Where it may do so.</param>
/// <param name="CreatedAt">When it was made.</param>
/// <param name="ExpiresAt">From when on it is refused, if it expires.</param>
/// <param name="RevokedAt">When it was revoked, if it was.</param>
/// <param name="LastUsedAt">When it was last used, to about a minute.</param>
public sealed record TokenResource(
    string Id,
    string Name,
    IReadOnlyList<TokenRole> Roles,
    IReadOnlyList<string> Projects,
    DateTimeOffset CreatedAt,
    DateTimeOffset? ExpiresAt,
    DateTimeOffset? RevokedAt,
    DateTimeOffset? LastUsedAt)
{
    public static TokenResource From(ApiToken token) => new(
        token.Id, token.Name, token.Roles, token.Projects, token.CreatedAt, token.ExpiresAt, token.RevokedAt, token.LastUsedAt);
}
