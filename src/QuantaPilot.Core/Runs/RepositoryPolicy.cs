namespace QuantaPilot.Core.Runs;

/// <summary>
/// Which repositories are allowed, by globs over <see cref="RepositoryUrl.Value"/> and <see cref="RepositoryUrl.Project"/>:
/// <c>*</c> stands for any run of characters, also of slashes; everything else for itself. A glob covers the whole URL, and
/// its host is compared without regard to case. <c>https://example.com*</c> covers <c>https://example.com.evil.org/</c> too:
/// end the host with a slash.
/// </summary>
public sealed class RepositoryPolicy
{
    private readonly string[] _globs;

    /// <exception cref="FormatException">A glob could never match: it begins with neither a scheme that is accepted nor
    /// <c>*</c>.</exception>
    public RepositoryPolicy(IEnumerable<string> globs) => _globs = [.. globs.Select(Normalize)];

    /// <summary>True if one of the globs covers the repository.</summary>
    public bool Allows(RepositoryUrl url) => _globs.Any(glob => Matches(glob, url.Value) || Matches(glob, url.Project));

    /// <summary>True if one of the globs covers the project.</summary>
    /// <param name="project">A <see cref="RepositoryUrl.Project"/>.</param>
    public bool AllowsProject(string project) => _globs.Any(glob => Matches(glob, project));

    /// <summary>
    /// True if all that a glob covers is covered by one of these globs; false also where it takes several of them.
    /// </summary>
    /// <exception cref="FormatException">The glob could never match.</exception>
    public bool Covers(string glob)
    {
        // As text, a * of the inner glob can only be swallowed by a * of the outer one, as can whatever it stands for.
        var inner = Normalize(glob);
        return _globs.Any(outer => Matches(outer, inner));
    }

    private static string Normalize(string glob)
    {
        string[] starts = ["*", "https://", "http://", "file://"];
        if (!starts.Any(start => glob.StartsWith(start, StringComparison.OrdinalIgnoreCase)))
            throw new FormatException($"'{glob}' can match no repository: a glob begins with https://, http://, file:// or *.");

        var scheme = glob.IndexOf("://", StringComparison.Ordinal);
        var path = glob.IndexOf('/', scheme < 0 ? 0 : scheme + 3);
        return path < 0 ? glob.ToLowerInvariant() : glob[..path].ToLowerInvariant() + RepositoryUrl.Encode(glob[path..]);
    }

    private static bool Matches(string glob, string text)
    {
        // Greedy with one point to come back to: no glob of any length makes this slower than their product.
        int g = 0, t = 0, star = -1, resume = 0;
        while (t < text.Length)
        {
            if (g < glob.Length && glob[g] == '*')
            {
                star = g++;
                resume = t;
            }
            else if (g < glob.Length && glob[g] == text[t])
            {
                g++;
                t++;
            }
            else if (star >= 0)
            {
                g = star + 1;
                t = ++resume;
            }
            else
            {
                return false;
            }
        }
        return glob.AsSpan(g).TrimStart('*').IsEmpty;
    }
}
