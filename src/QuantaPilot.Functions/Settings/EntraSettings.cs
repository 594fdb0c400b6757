using QuantaPilot.Api.Access.Entra;
using QuantaPilot.Core.Runs;

namespace QuantaPilot.Functions.Settings;

/// <summary>The settings below <c>Entra</c>.</summary>
internal static class EntraSettings
{
    private const string Authority = "Entra:Authority";
    private const string Audience = "Entra:Audience";
    private const string Projects = "Entra:Projects";

    /// <returns>Null if there are none.</returns>
    /// <exception cref="InvalidSettingException">One is missing or not accepted.</exception>
    public static EntraOptions? Read(SettingsReader section)
    {
        var (authority, audience) = (section.Text(Authority), section.Text(Audience));
        var projects = section.List(Projects);
        if (authority is null && audience is null && projects.Count == 0) return null;
        if (authority is null) throw section.Refuse(Authority, "is missing: tokens are accepted from one issuer, for one audience.");
        if (audience is null) throw section.Refuse(Audience, "is missing: tokens are accepted from one issuer, for one audience.");
        if (EntraOptions.FindAuthorityFault(authority) is { } fault) throw section.Refuse(Authority, $"{fault}, not '{authority}'.");
        if (EntraOptions.FindAudienceFault(audience) is { } wrong) throw section.Refuse(Audience, $"{wrong}, not '{audience}'.");
        foreach (var (name, glob) in projects)
        {
            try
            {
                _ = new RepositoryPolicy([glob]);
            }
            catch (FormatException e)
            {
                throw section.Refuse(name, $"is not accepted: {e.Message}");
            }
        }
        var options = new EntraOptions { Authority = authority, Audience = audience };
        return projects.Count == 0 ? options : options with { Projects = [.. projects.Select(project => project.Value)] };
    }
}
