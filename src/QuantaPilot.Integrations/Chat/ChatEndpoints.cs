using QuantaPilot.Core.Pipeline;
using QuantaPilot.Core.Runs;

namespace QuantaPilot.Integrations.Chat;

/// <summary>The endpoints that the host's settings name.</summary>
public sealed class ChatEndpoints
{
    private readonly Dictionary<string, (ChatEndpoint Endpoint, RepositoryPolicy Policy)> _endpoints = new(StringComparer.Ordinal);

    /// <param name="endpoints">They may be none: agents of type <c>chat</c> are refused then.</param>
    /// <exception cref="FormatException">An endpoint is not accepted, or two have one name; the message names it.</exception>
    public ChatEndpoints(IReadOnlyList<ChatEndpoint> endpoints)
    {
        foreach (var endpoint in endpoints)
        {
            if (endpoint.FindFault() is { } fault)
                throw new FormatException($"The chat endpoint '{endpoint.Name}' is not accepted: {fault.Member} {fault.What}.");
            if (!_endpoints.TryAdd(endpoint.Name, (endpoint, new RepositoryPolicy(endpoint.Projects))))
                throw new FormatException($"There are two chat endpoints named '{endpoint.Name}': each needs a name of its own.");
        }
    }

    /// <summary>Why the agent may not work on this repository, or null if it may.</summary>
    internal string? FindRefusal(AgentDefinition agent, string repoUrl)
    {
        var name = agent.Endpoint ?? ChatEndpoint.DefaultName;
        if (!_endpoints.TryGetValue(name, out var found))
        {
            return $"The agent '{agent.Name}' needs the chat endpoint '{name}', which the settings of this host don't have. "
                + "Whoever runs the host adds it there, or quantapilot.yml names another.";
        }
        return RepositoryUrl.TryParse(repoUrl, out var url, out _) && found.Policy.Allows(url)
            ? null
            : $"The settings of this host don't allow the chat endpoint '{name}' for this repository.";
    }

    internal ChatEndpoint Get(AgentDefinition agent) => _endpoints[agent.Endpoint ?? ChatEndpoint.DefaultName].Endpoint;
}
