using QuantaPilot.Integrations.Http;

namespace QuantaPilot.Cli.CommandLine;

/// <summary>
/// <c>--agent NAME=URL[,glob…]</c>. Secrets come from the environment, where other users' <c>ps</c> does not see them.
/// </summary>
internal static class AgentOption
{
    private const string SecretPrefix = "QP_AGENT_SECRET_";

    /// <exception cref="UsageException">The text names no agent, or there is no secret for it.</exception>
    public static HttpAgentEndpoint Parse(string text, Func<string, string?> variable)
    {
        var parts = text.Split(',');
        if (parts[0].Split('=', 2) is not [{ Length: > 0 } name, { Length: > 0 } url] || parts.Any(part => part.Length == 0))
        {
            throw new UsageException(
                $"--agent '{text}' is not accepted: give NAME=URL[,glob…], "
                + "e.g. build-farm=https://farm.example.com/tasks,https://github.com/my-org/*.");
        }
        if (variable(SecretVariable(name)) is not { Length: > 0 } secret)
        {
            throw new UsageException(
                $"The agent '{name}' needs a secret: set {SecretVariable(name)} to whsec_ and 24 to 64 bytes in base64, "
                + "e.g. \"whsec_$(openssl rand -base64 32)\".");
        }
        var endpoint = new HttpAgentEndpoint { Name = name, Url = url, Secret = secret };
        return parts.Length > 1 ? endpoint with { Projects = parts[1..] } : endpoint;
    }

    /// <summary>The variable that holds the agent's secret.</summary>
    public static string SecretVariable(string name) => SecretPrefix + name.ToUpperInvariant().Replace('-', '_');
}
