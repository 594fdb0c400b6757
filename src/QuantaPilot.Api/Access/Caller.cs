using Microsoft.AspNetCore.Http;
using QuantaPilot.Core.Ports;
using QuantaPilot.Core.Runs;

namespace QuantaPilot.Api.Access;

/// <summary>Who makes a request.</summary>
internal sealed class Caller
{
    /// <summary>The API token's id, or for a caller from Entra ID <c>entra:</c> and their subject, which all their tokens share.</summary>
    public required string TokenId { get; init; }

    /// <summary>What votes, runs and audit entries are recorded under.</summary>
    public required string Name { get; init; }

    /// <summary>Whom Entra ID says that this is; stays when the name changes. Null with an API token.</summary>
    public string? Subject { get; init; }

    /// <summary>SHA-256 of the API token; empty for a caller from Entra ID.</summary>
    public ReadOnlyMemory<byte> TokenHash { get; init; }

    /// <summary>
    /// When a token of Entra ID is no longer accepted. API tokens are looked up again instead, since they can be revoked.
    /// </summary>
    public DateTimeOffset? EndsAt { get; init; }

    public required IReadOnlyList<TokenRole> Roles { get; init; }

    /// <summary>Globs over canonical repository names.</summary>
    public required IReadOnlyList<string> Projects { get; init; }

    /// <summary>The same, to be asked.</summary>
    public required RepositoryPolicy Scope { get; init; }

    /// <summary>The request, as problems and logs name it.</summary>
    public required string RequestId { get; init; }

    public static Caller With(ApiToken token, string requestId) => new()
    {
        TokenId = token.Id,
        Name = token.Name,
        TokenHash = token.Hash,
        Roles = token.Roles,
        Projects = token.Projects,
        Scope = token.Scope,
        RequestId = requestId,
    };

    public bool Has(AccessRule rule) => Roles.Any(role => role == TokenRole.Admin || rule.Roles.Contains(role));

    public bool MaySee(string project) => Scope.AllowsProject(project);

    public bool MaySee(RepositoryUrl url) => Scope.AllowsProject(url.Project);

    /// <summary>True if a token over these projects reaches no further than the caller's own.</summary>
    public bool Covers(IReadOnlyList<string> projects) => projects.All(Scope.Covers);

    public static Caller Of(HttpContext context) =>
        context.Items[typeof(Caller)] as Caller
            ?? throw new InvalidOperationException("The endpoint is open to anybody: there is no caller.");

    public void AttachTo(HttpContext context) => context.Items[typeof(Caller)] = this;
}
