using System.CommandLine;
using QuantaPilot.Integrations.GitHub;

namespace QuantaPilot.Cli.CommandLine;

/// <summary>
/// <c>--github HOST[=API_URL]</c>. Tokens and keys come from the environment, where other users' <c>ps</c> does not see them.
/// </summary>
internal sealed class GitHubServeOption
{
    public const string Token = "QP_GITHUB_TOKEN";
    public const string AppId = "QP_GITHUB_APP_ID";
    public const string AppKeyFile = "QP_GITHUB_APP_KEY_FILE";

    private readonly Option<string[]> _hosts = new("--github")
    {
        Description = "Keep pull requests of this host's repositories on GitHub, as HOST or HOST=API_URL (by default that of "
            + $"GitHub or an Enterprise Server there). May be repeated. Takes the token in {Token}, or the GitHub App of {AppId} and "
            + $"{AppKeyFile}; for one of several hosts, "
            + $"with the host at the end ({Variable(Token, "github.example.com")}). Default: github.com, if one of these is set.",
        HelpName = "host",
    };

    public void AddTo(Command command) => command.Add(_hosts);

    /// <exception cref="UsageException">A host or a variable is not accepted; the message names it.</exception>
    public IReadOnlyList<GitHubHost> Read(ParseResult parse, CliEnvironment environment) =>
        parse.GetValue(_hosts) is { Length: > 0 } hosts ? [.. hosts.Select(text => Read(text, environment))] : Default(environment);

    /// <summary>github.com, if there are credentials for it.</summary>
    /// <exception cref="UsageException">A variable is not accepted; the message names it.</exception>
    public static IReadOnlyList<GitHubHost> Default(CliEnvironment environment)
    {
        string[] names = [Token, AppId, AppKeyFile];
        var given = names.Any(name => Value(name, environment) is not null || Given(name, GitHubHost.DotCom, environment) is not null);
        return given ? [Read(GitHubHost.DotCom, environment)] : [];
    }

    /// <summary>The variable for one host alone: the name with the host in capitals, other characters as <c>_</c>.</summary>
    public static string Variable(string name, string host) =>
        $"{name}_{string.Concat(host.Select(c => char.IsAsciiLetterOrDigit(c) ? char.ToUpperInvariant(c) : '_'))}";

    private static GitHubHost Read(string text, CliEnvironment environment)
    {
        var (host, api) = text.Split('=', 2) is [var before, var after] ? (before, after) : (text, null);
        if (GitHubHost.FindHostFault(host) is { } fault) throw new UsageException($"--github '{text}' is not accepted: the host {fault}.");
        if (api is not null && GitHubHost.FindApiUrlFault(api) is { } wrong)
            throw new UsageException($"--github '{text}' is not accepted: what follows = {wrong}.");

        var names = new[] { Token, AppId, AppKeyFile };
        // Those of the host alone, if there is any: a token for all must not stand beside an App for one.
        if (names.Any(name => Given(name, host, environment) is not null)) names = [.. names.Select(name => Variable(name, host))];
        var (token, appId, keyFile) = (Value(names[0], environment), Value(names[1], environment), Value(names[2], environment));
        if (GitHubHost.FindCredentialsFault(token is not null, appId is not null, keyFile is not null) is { } missing)
            throw new UsageException($"--github {host}: {missing}. Set {names[0]}, or {names[1]} and {names[2]}.");
        Require(names[0], token, GitHubHost.FindTokenFault);
        Require(names[1], appId, GitHubHost.FindAppIdFault);
        var key = keyFile is null ? null : ReadKey(names[2], Path.GetFullPath(keyFile, environment.WorkingDirectory));
        return new GitHubHost { Host = host, ApiUrl = api is null ? null : new Uri(api), Token = token, AppId = appId, PrivateKey = key };
    }

    private static string? Given(string general, string host, CliEnvironment environment) => Value(Variable(general, host), environment);

    private static string? Value(string name, CliEnvironment environment) =>
        environment.Variable(name) is { } text && !string.IsNullOrWhiteSpace(text) ? text.Trim() : null;

    /// <summary>Without the value: most of them are secrets.</summary>
    private static void Require(string name, string? value, Func<string, string?> findFault)
    {
        if (value is not null && findFault(value) is { } fault) throw new UsageException($"{name} {fault}.");
    }

    private static string ReadKey(string name, string path)
    {
        try
        {
            var key = File.ReadAllText(path);
            Require($"The file {path} of {name}", key, GitHubHost.FindPrivateKeyFault);
            return key;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UsageException($"{name}: {path} can't be read: {e.Message}");
        }
    }
}
