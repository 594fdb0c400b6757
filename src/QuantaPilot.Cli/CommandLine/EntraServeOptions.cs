using System.CommandLine;
using QuantaPilot.Api.Access.Entra;

namespace QuantaPilot.Cli.CommandLine;

/// <summary>The options of <c>serve</c> that have Entra ID tokens accepted.</summary>
internal sealed class EntraServeOptions
{
    private readonly Option<string?> _authority = new("--entra-authority")
    {
        Description = "Also accept tokens of this issuer, e.g. https://login.microsoftonline.com/TENANT/v2.0, with app roles named "
            + "operator, approver, consumer and admin. Needs --entra-audience.",
        HelpName = "url",
    };

    private readonly Option<string?> _audience = new("--entra-audience")
    {
        Description = "The audience that these tokens must have: the client id of the app registration, or its api://… URI.",
        HelpName = "id",
    };

    private readonly Option<string[]> _projects = new("--entra-project")
    {
        Description = "Only let their holders reach these repositories, e.g. 'https://github.com/my-org/*'. May be repeated. Default: all.",
        HelpName = "glob",
    };

    public void AddTo(Command command)
    {
        command.Add(_authority);
        command.Add(_audience);
        command.Add(_projects);
    }

    /// <returns>Null if none of them is given.</returns>
    /// <exception cref="UsageException">One is missing or not accepted.</exception>
    public EntraOptions? Read(ParseResult parse)
    {
        var (authority, audience) = (parse.GetValue(_authority), parse.GetValue(_audience));
        var projects = parse.GetValue(_projects) ?? [];
        if (authority is null && audience is null && projects.Length == 0) return null;
        if (authority is null || audience is null)
        {
            var missing = authority is null ? _authority : _audience;
            throw new UsageException($"{missing.Name} is missing: tokens are accepted from one issuer, for one audience.");
        }
        if (EntraOptions.FindAuthorityFault(authority) is { } fault)
            throw new UsageException($"{_authority.Name} '{authority}' is not accepted: it {fault}.");
        if (EntraOptions.FindAudienceFault(audience) is { } wrong)
            throw new UsageException($"{_audience.Name} '{audience}' is not accepted: it {wrong}.");
        var options = new EntraOptions { Authority = authority, Audience = audience };
        return projects.Length == 0 ? options : options with { Projects = projects };
    }
}
