using QuantaPilot.Core.Runs;

namespace QuantaPilot.Integrations.GitHub;

/// <param name="Url">As it was given, canonical.</param>
/// <param name="Owner">The user or organisation.</param>
/// <param name="Name">Without <c>.git</c>.</param>
internal sealed record GitHubRepository(RepositoryUrl Url, string Owner, string Name)
{
    /// <summary>The path of something in it, relative to the root of the REST API; each part is encoded as one.</summary>
    public Uri Path(params string[] parts) =>
        new(string.Join('/', new[] { "repos", Owner, Name }.Concat(parts).Select(Uri.EscapeDataString)), UriKind.Relative);

    /// <returns>Null if the URL is not that of a repository on GitHub: its path has two parts.</returns>
    public static GitHubRepository? Find(RepositoryUrl url)
    {
        var path = url.Project[(url.Scheme.Length + 3 + url.Authority.Length)..];
        return path.Split('/') is ["", var owner, var name]
            ? new GitHubRepository(url, Uri.UnescapeDataString(owner), Uri.UnescapeDataString(name))
            : null;
    }
}
