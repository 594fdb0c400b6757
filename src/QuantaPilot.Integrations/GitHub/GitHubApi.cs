using Octokit;

namespace QuantaPilot.Integrations.GitHub;

/// <summary>One host of GitHub's, with the credentials for it.</summary>
internal sealed class GitHubApi(GitHubHost host, IGitHubTokens tokens, GitHubTransport transport, TimeProvider timeProvider)
{
    public GitHubHost Host => host;

    /// <summary>A token for git and the API.</summary>
    public Task<string> GetTokenAsync(GitHubRepository repository, CancellationToken cancellationToken) =>
        tokens.GetAsync(repository, cancellationToken);

    /// <summary>Forgets a token that git was refused with; true if another one may be had.</summary>
    public bool Forget(GitHubRepository repository, string token) => tokens.Forget(repository, token);

    /// <summary>
    /// Does a piece of work that may be repeated. An App's token that is refused before its time (it was installed anew, say) is
    /// replaced, once.
    /// </summary>
    /// <exception cref="Core.Ports.StepException">See <see cref="GitHubFaults"/>.</exception>
    public async Task<T> RunAsync<T>(
        GitHubRepository repository, GitHubAction action, Func<GitHubClient, Task<T>> work, CancellationToken cancellationToken)
    {
        var faults = new GitHubFaults(repository, timeProvider);
        var first = await tokens.GetAsync(repository, cancellationToken);
        return await faults.GuardAsync(action, async () =>
        {
            try
            {
                return await work(transport.Connect(host, first, cancellationToken));
            }
            catch (AuthorizationException) when (tokens.Forget(repository, first))
            {
                var second = await tokens.GetAsync(repository, cancellationToken);
                return await work(transport.Connect(host, second, cancellationToken));
            }
        }, cancellationToken);
    }
}
