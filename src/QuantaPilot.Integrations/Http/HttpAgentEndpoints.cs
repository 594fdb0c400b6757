using System.Collections.Frozen;
using System.Text.RegularExpressions;
using QuantaPilot.Core.Runs;
using QuantaPilot.Core.Subscriptions;

namespace QuantaPilot.Integrations.Http;

/// <summary>The agents elsewhere that the host's settings name.</summary>
public sealed partial class HttpAgentEndpoints
{
    private readonly FrozenDictionary<string, Known> _known;

    /// <param name="endpoints">From the settings.</param>
    /// <param name="targets">Where requests may go.</param>
    /// <exception cref="FormatException">One of them is not accepted; the message names it and says what is.</exception>
    public HttpAgentEndpoints(IEnumerable<HttpAgentEndpoint> endpoints, WebhookTargets targets)
    {
        var known = new Dictionary<string, Known>(StringComparer.Ordinal);
        foreach (var endpoint in endpoints)
        {
            if (!known.TryAdd(endpoint.Name, Check(endpoint, targets)))
                throw new FormatException($"There are two agents named '{endpoint.Name}': give each a name of its own.");
        }
        _known = known.ToFrozenDictionary();
    }

    /// <summary>Why an endpoint gets no tasks of this repository; null if it does.</summary>
    public string? FindRefusal(string name, string repoUrl)
    {
        if (!_known.TryGetValue(name, out var endpoint))
        {
            return $"The settings of this host have no agent named '{name}'. "
                + "Whoever runs the host can add it: with --agent for qp, as QuantaPilot__Agents for the Functions app.";
        }
        return RepositoryUrl.TryParse(repoUrl, out var url, out _) && endpoint.Policy.AllowsProject(url.Project)
            ? null
            : $"The settings of this host don't give tasks of this repository to the agent '{name}'.";
    }

    internal Known? Find(string name) => _known.GetValueOrDefault(name);

    private static Known Check(HttpAgentEndpoint endpoint, WebhookTargets targets)
    {
        if (!Name().IsMatch(endpoint.Name))
            throw new FormatException($"'{endpoint.Name}' can't name an agent: give 1 to 64 letters, digits, '-' or '_'.");
        if (targets.FindFault(endpoint.Url) is { } fault) throw new FormatException($"The URL of the agent '{endpoint.Name}' {fault}.");
        // Without its value: this is a secret.
        if (!IsSecret(endpoint.Secret))
        {
            throw new FormatException(
                $"The secret of the agent '{endpoint.Name}' is missing or not accepted: "
                + "give whsec_ and 24 to 64 bytes in base64 (Standard Webhooks).");
        }
        return new Known(
            endpoint.Name,
            new Uri(endpoint.Url),
            new SigningSecret(endpoint.Secret, DateTimeOffset.UnixEpoch),
            new RepositoryPolicy(endpoint.Projects));
    }

    private static bool IsSecret(string text)
    {
        if (!text.StartsWith(SigningSecret.Prefix, StringComparison.Ordinal)) return false;
        var bytes = new byte[64];
        return Convert.TryFromBase64String(text[SigningSecret.Prefix.Length..], bytes, out var length) && length >= 24;
    }

    [GeneratedRegex("^[A-Za-z0-9_-]{1,64}$")]
    private static partial Regex Name();

    /// <summary>An endpoint that was found to be in order.</summary>
    internal sealed record Known(string Name, Uri Url, SigningSecret Secret, RepositoryPolicy Policy);
}
