using Microsoft.AspNetCore.Http;
using QuantaPilot.Core.Ports;
using QuantaPilot.Core.Runs;

namespace QuantaPilot.Api.Access;

/// <summary>Who makes a request.</summary>
internal sealed class Caller(ApiToken token)
{
    public string TokenId => token.Id;

    /// <summary>What votes and runs are recorded under.</summary>
    public string Name => token.Name;

    public bool Has(AccessRule rule) => token.Roles.Any(role => role == TokenRole.Admin || rule.Roles.Contains(role));

    public bool MaySee(string project) => token.Scope.AllowsProject(project);

    public bool MaySee(RepositoryUrl url) => token.Scope.AllowsProject(url.Project);

    public static Caller Of(HttpContext context) =>
        context.Items[typeof(Caller)] as Caller ?? throw new InvalidOperationException("The endpoint is open to anybody: there is no caller.");

    public void AttachTo(HttpContext context) => context.Items[typeof(Caller)] = this;
}
