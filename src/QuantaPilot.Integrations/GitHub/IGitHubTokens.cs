namespace QuantaPilot.Integrations.GitHub;

/// <summary>Where the token for a call comes from.</summary>
internal interface IGitHubTokens
{
    /// <summary>A token that holds for at least a few minutes.</summary>
    /// <exception cref="Core.Ports.StepException">authentication_failed, repository_not_found, repository_unreachable
    /// (transient).</exception>
    Task<string> GetAsync(GitHubRepository repository, CancellationToken cancellationToken);

    /// <summary>Forgets a token that was refused.</summary>
    /// <returns>True if another one may be had in its place.</returns>
    bool Forget(GitHubRepository repository, string token);
}

/// <summary>A personal access token: there is only the one.</summary>
internal sealed class PersonalToken(string token) : IGitHubTokens
{
    public Task<string> GetAsync(GitHubRepository repository, CancellationToken cancellationToken) => Task.FromResult(token);

    public bool Forget(GitHubRepository repository, string token) => false;
}
