using Microsoft.AspNetCore.Http;
using QuantaPilot.Core.Ports;
using QuantaPilot.Core.Runs;

namespace QuantaPilot.Api.Access;

/// <summary>Who makes a request.</summary>
internal sealed class Caller(ApiToken token)
{
    public string TokenId => token.Id;

    /// <summary>SHA-256 of the token.</summary>
    public ReadOnlyMemory<byte> TokenHash => token.Hash;

    /// <summary>What votes and runs are recorded under.</summary>
    public string Name => token.Name;

    /// <summary>Globs over canonical repository names.</summary>
    public IReadOnlyList<string> Projects => token.Projects;

    public bool Has(AccessRule rule) => token.Roles.Any(role => role == TokenRole.Admin || rule.Roles.Contains(role));

    public bool MaySee(string project) => token.Scope.AllowsProject(project);

    public bool MaySee(RepositoryUrl url) => token.Scope.AllowsProject(url.Project);

    /// <summary>True if a token over these projects reaches no further than the caller's own.</summary>
    public bool Covers(IReadOnlyList<string> projects) => projects.All(token.Scope.Covers);

    public static Caller Of(HttpContext context) =>
        context.Items[typeof(Caller)] as Caller ?? throw new InvalidOperationException("The endpoint is open to anybody: there is no caller.");

    public void AttachTo(HttpContext context) => context.Items[typeof(Caller)] = this;
}
