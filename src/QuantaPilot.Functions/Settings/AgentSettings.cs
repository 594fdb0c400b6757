using Microsoft.Extensions.Configuration;
using QuantaPilot.Core.Subscriptions;
using QuantaPilot.Integrations.Http;

namespace QuantaPilot.Functions.Settings;

/// <summary>The settings below <c>Agents</c>, and <c>PublicUrl</c>.</summary>
/// <param name="Endpoints">Agents elsewhere that tasks may be given to.</param>
/// <param name="PublicUrl">Where they reach the app.</param>
internal sealed record AgentSettings(HttpAgentEndpoints Endpoints, PublicUrl PublicUrl)
{
    private const string List = "Agents";
    private const string Url = "PublicUrl";

    /// <summary>The app's host name as Azure and Core Tools tell it, with the port where there is one.</summary>
    private const string HostName = "WEBSITE_HOSTNAME";

    /// <exception cref="InvalidSettingException">One is missing or not accepted.</exception>
    public static AgentSettings Read(SettingsReader section, WebhookTargets targets, IConfiguration configuration)
    {
        var endpoints = new List<HttpAgentEndpoint>();
        foreach (var agent in section.Children(List)) endpoints.Add(ReadEndpoint(section, agent, targets));
        var publicUrl = new PublicUrl();
        var given = section.Text(Url);
        if ((given ?? FromHostName(configuration[HostName])) is { } url)
        {
            try
            {
                publicUrl.Set(url);
            }
            catch (FormatException e)
            {
                throw section.Refuse(Url, $"is not accepted: {e.Message}");
            }
        }
        else if (endpoints.Count > 0)
        {
            throw section.Refuse(Url, $"is missing: agents elsewhere answer there, and {HostName} does not say where that is.");
        }
        try
        {
            return new AgentSettings(new HttpAgentEndpoints(endpoints, targets), publicUrl);
        }
        catch (FormatException e)
        {
            throw section.Refuse(List, $"are not accepted: {e.Message}");
        }
    }

    private static HttpAgentEndpoint ReadEndpoint(SettingsReader section, string agent, WebhookTargets targets)
    {
        var endpoint = new HttpAgentEndpoint
        {
            Name = section.Text($"{agent}:Name") ?? throw section.Refuse($"{agent}:Name", "is missing: what quantapilot.yml calls it."),
            Url = section.Text($"{agent}:Url") ?? throw section.Refuse($"{agent}:Url", "is missing: where tasks are posted."),
            Secret = section.Text($"{agent}:Secret")
                ?? throw section.Refuse($"{agent}:Secret", "is missing: whsec_ and 24 to 64 bytes in base64."),
        };
        var projects = section.List($"{agent}:Projects").Select(project => project.Value).ToList();
        if (projects.Count > 0) endpoint = endpoint with { Projects = projects };
        try
        {
            _ = new HttpAgentEndpoints([endpoint], targets);
            return endpoint;
        }
        catch (FormatException e)
        {
            throw section.Refuse(agent, $"is not accepted: {e.Message}");
        }
    }

    private static string? FromHostName(string? name) => string.IsNullOrWhiteSpace(name)
        ? null
        : name.StartsWith("localhost", StringComparison.OrdinalIgnoreCase) || name.StartsWith("127.", StringComparison.Ordinal)
            ? $"http://{name}"
            : $"https://{name}";
}
