namespace QuantaPilot.Integrations.Command;

/// <summary>What the host's settings say about programs that repositories name. By default no repository may start any.</summary>
public sealed record CommandOptions
{
    /// <summary>
    /// Globs over repository URLs (see <see cref="Core.Runs.RepositoryPolicy"/>). A repository that is allowed runs whatever
    /// programs its quantapilot.yml names, with the rights of the host's user. Default: none.
    /// </summary>
    public IReadOnlyList<string> AllowedRepositories { get; init; } = [];

    /// <summary>
    /// Names of the host's environment variables that programs get besides PATH. Their values are blotted out of the
    /// output that is shown. Default: none.
    /// </summary>
    public IReadOnlyList<string> PassEnvironment { get; init; } = [];

    /// <summary>
    /// An absolute directory below which programs get their HOME, used by one host at a time; made if it is missing. By it
    /// <see cref="CommandLeftovers"/> knows what a killed host has left. Default: the system's directory for temporary files.
    /// </summary>
    public string? HomeRoot { get; init; }
}
