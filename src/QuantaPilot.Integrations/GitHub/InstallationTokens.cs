using System.Collections.Concurrent;
using System.Text.Json;
using Octokit;
using QuantaPilot.Core.Ports;
using QuantaPilot.Core.Runs;

namespace QuantaPilot.Integrations.GitHub;

/// <summary>
/// The tokens of a GitHub App, one for each repository and good for nothing else. Each is kept until shortly before its end;
/// however many calls need a new one, one of them gets it and the others wait.
/// </summary>
internal sealed class InstallationTokens(GitHubHost host, GitHubTransport transport, TimeProvider timeProvider) : IGitHubTokens
{
    /// <summary>
    /// A token is not used any more so long before its end (GitHub: one hour): a transfer that has begun may take a while.
    /// </summary>
    public static readonly TimeSpan Margin = TimeSpan.FromMinutes(5);

    private readonly ConcurrentDictionary<string, Slot> _slots = new(StringComparer.OrdinalIgnoreCase);
    private readonly AppJwt _jwt = new(host.AppId!, host.PrivateKey!, timeProvider);

    public async Task<string> GetAsync(GitHubRepository repository, CancellationToken cancellationToken)
    {
        var slot = _slots.GetOrAdd(Key(repository), _ => new Slot());
        if (FindFresh(slot) is { } kept) return kept;
        await slot.Gate.WaitAsync(cancellationToken);
        try
        {
            if (FindFresh(slot) is { } made) return made;
            slot.Token = await CreateAsync(repository, cancellationToken);
            return slot.Token.Token;
        }
        finally
        {
            slot.Gate.Release();
        }
    }

    public bool Forget(GitHubRepository repository, string token)
    {
        if (_slots.TryGetValue(Key(repository), out var slot) && slot.Token?.Token == token) slot.Token = null;
        return true;
    }

    private static string Key(GitHubRepository repository) => $"{repository.Owner}/{repository.Name}";

    private string? FindFresh(Slot slot) =>
        slot.Token is { } token && token.ExpiresAt - timeProvider.GetUtcNow() > Margin ? token.Token : null;

    private async Task<AccessToken> CreateAsync(GitHubRepository repository, CancellationToken cancellationToken)
    {
        var faults = new GitHubFaults(repository, timeProvider);
        return await faults.GuardAsync(GitHubAction.AsApp, async () =>
        {
            var client = transport.Connect(host, _jwt.Create(), cancellationToken);
            var id = await FindInstallationAsync(client, repository);
            var uri = new Uri($"app/installations/{id}/access_tokens", UriKind.Relative);
            var body = JsonSerializer.Serialize(new Dictionary<string, string[]> { ["repositories"] = [repository.Name] });
            var answer = await client.Connection.Post<AccessToken>(uri, body, GitHubTransport.Json, GitHubTransport.Json);
            return answer.Body;
        }, cancellationToken);
    }

    private async Task<long> FindInstallationAsync(GitHubClient client, GitHubRepository repository)
    {
        try
        {
            return (await client.GitHubApps.GetRepositoryInstallationForCurrent(repository.Owner, repository.Name)).Id;
        }
        catch (NotFoundException e)
        {
            throw new StepException(
                ErrorCodes.RepositoryNotFound,
                $"There is no {repository.Url}, or the GitHub App {host.AppId} of the host's settings is not installed for it.",
                inner: e);
        }
    }

    private sealed class Slot
    {
        public SemaphoreSlim Gate { get; } = new(1, 1);

        public volatile AccessToken? Token;
    }
}
