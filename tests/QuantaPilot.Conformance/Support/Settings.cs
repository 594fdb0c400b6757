using System.Globalization;

namespace QuantaPilot.Conformance.Support;

/// <summary>What the environment tells the suite.</summary>
internal static class Settings
{
    private const string UrlName = "QP_CONFORMANCE_URL";
    private const string TokenName = "QP_CONFORMANCE_TOKEN";
    private const string CommandsName = "QP_CONFORMANCE_COMMANDS";
    private const string QueueName = "QP_CONFORMANCE_QUEUE";
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

    /// <exception cref="InvalidOperationException">A setting is missing or ill-formed; names it and what is accepted.</exception>
    public static void Check()
    {
        if (Url is null && Token is not null) throw Fault(TokenName, $"needs {UrlName} beside it, the server that the token is for");
        if (Url is not null && !IsServer(Url)) throw Fault(UrlName, "must be http://HOST:PORT or https://HOST");
        if (Url is not null && Token is null) throw Fault(UrlName, $"needs {TokenName} beside it, an admin token of that server");
        if (Read(CommandsName) is not (null or "0" or "1")) throw Fault(CommandsName, "must be 1 or 0");
        if (Read(QueueName) is not (null or "0" or "1")) throw Fault(QueueName, "must be 1 or 0");
        if (Patience <= TimeSpan.Zero) throw Fault(PatienceName, "must be a number of seconds, e.g. 300");
    }

    private static InvalidOperationException Fault(string name, string fault) => new($"The setting {name} {fault}.");

    private static bool IsServer(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var url) && url.Scheme is "http" or "https" && url.PathAndQuery == "/";

    private static string? Read(string name) => Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? value : null;

    private static TimeSpan ReadPatience()
    {
        if (Read(PatienceName) is not { } text) return TimeSpan.FromMinutes(2);
        return TimeSpan.FromSeconds(int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) ? seconds : 0);
    }
}
