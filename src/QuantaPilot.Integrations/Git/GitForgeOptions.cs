using QuantaPilot.Core.Runs;

namespace QuantaPilot.Integrations.Git;

/// <summary>What the host's settings say about git remotes.</summary>
public sealed record GitForgeOptions
{
    /// <summary>Globs of the repositories that may be used (see <see cref="RepositoryPolicy"/>). Default: <c>https://*</c>.</summary>
    public IReadOnlyList<string> AllowedRepositories { get; init; } = ["https://*"];

    /// <summary>Author and committer of the commits that are made here. Default: <c>QuantaPilot</c>.</summary>
    public string AuthorName { get; init; } = "QuantaPilot";

    /// <summary>E-mail address of author and committer. Default: <c>quantapilot@localhost</c>.</summary>
    public string AuthorEmail { get; init; } = "quantapilot@localhost";

    /// <summary>Credentials by URL prefix; the longest prefix that fits is used. Default: none.</summary>
    public IReadOnlyList<GitCredential> Credentials { get; init; } = [];

    /// <summary>An absolute directory for checkouts, used by one process at a time and by nothing else; made if it is missing.</summary>
    public required string TempRoot { get; init; }

    /// <summary>How long a remote may send nothing before it counts as unreachable. Default: 2 minutes.</summary>
    public TimeSpan NetworkTimeout { get; init; } = TimeSpan.FromMinutes(2);
}

/// <summary>A user name and a password or token, sent (HTTP basic) to URLs below a prefix.</summary>
/// <param name="UrlPrefix">Scheme and host, and as much of the path as is wanted: <c>https://github.com/org</c>.</param>
/// <param name="Username">The user name.</param>
/// <param name="Secret">The password or token.</param>
public sealed record GitCredential(string UrlPrefix, string Username, string Secret)
{
    /// <summary>A token with the user name that the common forges expect with one (<c>x-access-token</c>).</summary>
    public static GitCredential Token(string urlPrefix, string token) => new(urlPrefix, "x-access-token", token);

    /// <summary>Leaves the secret out.</summary>
    public override string ToString() => $"{Username} at {UrlPrefix}";

    internal bool IsValid =>
        Uri.TryCreate(UrlPrefix, UriKind.Absolute, out var uri) && (uri.Scheme is "https" or "http") && uri.UserInfo.Length == 0;

    internal bool Covers(string url)
    {
        var prefix = UrlPrefix.TrimEnd('/');
        var path = prefix.IndexOf('/', prefix.IndexOf("://", StringComparison.Ordinal) + 3);
        var host = path < 0 ? prefix.Length : path;
        return url.Length > prefix.Length && url[prefix.Length] == '/'
            && url.StartsWith(prefix[..host], StringComparison.OrdinalIgnoreCase)
            && url.AsSpan(host).StartsWith(prefix.AsSpan(host), StringComparison.Ordinal);
    }
}
