using System.CommandLine;

namespace QuantaPilot.Cli.CommandLine;

/// <summary>The options that several commands share.</summary>
internal sealed class CommonOptions
{
    public Option<string?> Server { get; } = new("--server")
    {
        Description = "URL of a running server (or QP_SERVER). Without it: the server that runs over --data, else one inside this process.",
        HelpName = "url",
    };

    public Option<string?> Token { get; } = new("--token")
    {
        Description = "API token (or QP_TOKEN). Default: the one in admin.token under --data.",
        HelpName = "token",
    };

    public Option<string?> Data { get; } = new("--data")
    {
        Description = "Directory that holds everything (or QP_DATA). Default: ~/.local/share/quantapilot.",
        HelpName = "dir",
    };

    public Option<bool> Json { get; } = new("--json") { Description = "Machine-readable output." };

    public Option<string[]> Allow { get; } = new("--allow")
    {
        Description = "Allow repositories by glob, e.g. 'file:///srv/git/*'. May be repeated. Default, if none is given: https://*.",
        HelpName = "glob",
    };

    public Option<string[]> AllowCommands { get; } = new("--allow-commands")
    {
        Description = "Let repositories that match run their own programs here (command agents and checks). May be repeated. Default: none.",
        HelpName = "glob",
    };

    /// <summary>
    /// The directory that holds everything: <c>--data</c>, QP_DATA, <c>$XDG_DATA_HOME/quantapilot</c>, <c>~/.local/share/quantapilot</c>.
    /// </summary>
    public string DataDirectory(ParseResult parse, CliEnvironment environment)
    {
        var given = Text(parse.GetValue(Data));
        return given is null ? DefaultDirectory(environment) : Path.GetFullPath(given, environment.WorkingDirectory);
    }

    /// <summary>The directory without <c>--data</c>.</summary>
    public static string DefaultDirectory(CliEnvironment environment)
    {
        if (Text(environment.Variable("QP_DATA")) is { } given) return Path.GetFullPath(given, environment.WorkingDirectory);
        var share = Text(environment.Variable("XDG_DATA_HOME"))
            ?? Path.Combine(
                environment.Variable("HOME") ?? Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".local", "share");
        return Path.Combine(share, "quantapilot");
    }

    private static string? Text(string? value) => string.IsNullOrWhiteSpace(value) ? null : value;
}
