using QuantaPilot.Core.Runs;
using QuantaPilot.Integrations.Git;

namespace QuantaPilot.Integrations.GitHub;

/// <summary>The hosts of GitHub's that the settings name. Gives git the same credentials as the API, fresh for each transfer.</summary>
internal sealed class GitHubHosts : IGitCredentialSource, IDisposable
{
    private readonly Dictionary<string, GitHubApi> _hosts = new(StringComparer.Ordinal);
    private readonly GitHubTransport _transport = new();

    /// <exception cref="FormatException">A host is not accepted, or named twice.</exception>
    public GitHubHosts(IReadOnlyList<GitHubHost> hosts, TimeProvider timeProvider)
    {
        foreach (var host in hosts)
        {
            host.Require();
            IGitHubTokens tokens = host.Token is { } token
                ? new PersonalToken(token)
                : new InstallationTokens(host, _transport, timeProvider);
            if (!_hosts.TryAdd($"{host.Api.Scheme}://{host.Host}", new GitHubApi(host, tokens, _transport, timeProvider)))
                throw new FormatException($"The GitHub host '{host.Host}' is named twice.");
        }
    }

    /// <returns>Null if the URL is that of no repository on one of the hosts.</returns>
    public (GitHubApi Api, GitHubRepository Repository)? Find(RepositoryUrl url) =>
        _hosts.TryGetValue($"{url.Scheme}://{url.Authority}", out var api) && GitHubRepository.Find(url) is { } repository
            ? (api, repository)
            : null;

    public async Task<GitCredential?> FindAsync(RepositoryUrl url, CancellationToken cancellationToken)
    {
        if (Find(url) is not var (api, repository)) return null;
        // For all of the host: a repository that was renamed redirects to its new name.
        return GitCredential.Token($"{url.Scheme}://{url.Authority}", await api.GetTokenAsync(repository, cancellationToken));
    }

    public bool Forget(RepositoryUrl url, GitCredential credential) =>
        Find(url) is var (api, repository) && api.Forget(repository, credential.Secret);

    public void Dispose() => _transport.Dispose();
}
