using System.Globalization;

namespace QuantaPilot.Conformance.Support;

/// <summary>What the environment tells the suite.</summary>
internal static class Settings
{
    private const string UrlName = "QP_CONFORMANCE_URL";
    private const string TokenName = "QP_CONFORMANCE_TOKEN";
    private const string CommandsName = "QP_CONFORMANCE_COMMANDS";
    private const string QueueName = "QP_CONFORMANCE_QUEUE";
    private const string AgentPortName = "QP_CONFORMANCE_AGENT_PORT";
    private const string GitHubPortName = "QP_CONFORMANCE_GITHUB_PORT";
    private const string ChatPortName = "QP_CONFORMANCE_CHAT_PORT";
    private const string HookSecretName = "QP_CONFORMANCE_HOOK_SECRET";
    private const string MetricsName = "QP_CONFORMANCE_METRICS";
    private const string PatienceName = "QP_CONFORMANCE_PATIENCE";

    /// <summary>How long one wait for the server may take: the only limit of time in the suite. Default: 120 seconds.</summary>
    public static TimeSpan Patience { get; } = ReadPatience();

    /// <summary>The server to test; null to start one.</summary>
    public static string? Url { get; } = Read(UrlName);

    /// <summary>An admin token of that server.</summary>
    public static string? Token { get; } = Read(TokenName);

    /// <summary>Whether the server starts programs of repositories whose names begin with <see cref="Remote.CommandsPrefix"/>.</summary>
    public static bool Commands { get; } = (Read(CommandsName) ?? (Url is null ? "1" : "0")) == "1";

    /// <summary>Whether the server lets two runs of one project work at the same time, and no more.</summary>
    public static bool Queue { get; } = (Read(QueueName) ?? (Url is null ? "1" : "0")) == "1";

    /// <summary>Where the suite's agent listens; 0 for any free port.</summary>
    public static int AgentPort { get; } = ReadPort(AgentPortName);

    /// <summary>Whether the server knows the suite's agent.</summary>
    public static bool Agent { get; } = Url is null || AgentPort > 0;

    /// <summary>Where the suite's GitHub listens; 0 for any free port.</summary>
    public static int GitHubPort { get; } = ReadPort(GitHubPortName);

    /// <summary>Whether the server has credentials for the suite's GitHub.</summary>
    public static bool GitHub { get; } = Url is null || GitHubPort > 0;

    /// <summary>Where the suite's model listens; 0 for any free port.</summary>
    public static int ChatPort { get; } = ReadPort(ChatPortName);

    /// <summary>Whether the server may ask the suite's model.</summary>
    public static bool Chat { get; } = Url is null || ChatPort > 0;

    /// <summary>What webhooks as GitHub's are signed with; null where that is not known.</summary>
    public static string? HookSecret { get; } = Read(HookSecretName) ?? (Url is null ? "the secret of the suite's own server" : null);

    /// <summary>Whether the server takes webhooks as GitHub's.</summary>
    public static bool Hooks => HookSecret is not null;

    /// <summary>Whether the server counts what it does.</summary>
    public static bool Metrics { get; } = (Read(MetricsName) ?? (Url is null ? "1" : "0")) == "1";

    /// <exception cref="InvalidOperationException">A setting is missing or ill-formed; names it and what is accepted.</exception>
    public static void Check()
    {
        if (Url is null && Token is not null) throw Fault(TokenName, $"needs {UrlName} beside it, the server that the token is for");
        if (Url is not null && !IsServer(Url)) throw Fault(UrlName, "must be http://HOST:PORT or https://HOST");
        if (Url is not null && Token is null) throw Fault(UrlName, $"needs {TokenName} beside it, an admin token of that server");
        if (Read(CommandsName) is not (null or "0" or "1")) throw Fault(CommandsName, "must be 1 or 0");
        if (Read(QueueName) is not (null or "0" or "1")) throw Fault(QueueName, "must be 1 or 0");
        if (Read(MetricsName) is not (null or "0" or "1")) throw Fault(MetricsName, "must be 1 or 0");
        (string Name, int Port)[] ports = [(AgentPortName, AgentPort), (GitHubPortName, GitHubPort), (ChatPortName, ChatPort)];
        foreach (var (name, port) in ports)
        {
            if (Read(name) is not null && port is < 1 or > 65_535) throw Fault(name, "must be a port, e.g. 7390");
        }
        if (Patience <= TimeSpan.Zero) throw Fault(PatienceName, "must be a number of seconds, e.g. 300");
    }

    private static InvalidOperationException Fault(string name, string fault) => new($"The setting {name} {fault}.");

    private static bool IsServer(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var url) && url.Scheme is "http" or "https" && url.PathAndQuery == "/";

    private static string? Read(string name) => Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? value : null;

    private static int ReadPort(string name) =>
        int.TryParse(Read(name), NumberStyles.None, CultureInfo.InvariantCulture, out var port) ? port : 0;

    private static TimeSpan ReadPatience()
    {
        if (Read(PatienceName) is not { } text) return TimeSpan.FromMinutes(2);
        return TimeSpan.FromSeconds(int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) ? seconds : 0);
    }
}
