using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace QuantaPilot.Core.Runs;

/// <summary>
/// The URL of a git repository in canonical form: lower-case scheme and host, no default port, no trailing slash, one
/// spelling for each percent-encoded character. Two texts that name the same repository give equal values, apart from
/// the suffix <c>.git</c>, which <see cref="Project"/> drops.
/// </summary>
public sealed record RepositoryUrl
{
    /// <summary>The longest text that is accepted, in characters.</summary>
    public const int MaxLength = 2048;

    private const string Accepted = "Accepted are absolute https://, http:// and file:// URLs.";
    private const string GitSuffix = ".git";

    private RepositoryUrl(string scheme, string authority, string path)
    {
        Scheme = scheme;
        Authority = authority;
        Path = path;
    }

    /// <summary><c>https</c>, <c>http</c> or <c>file</c>.</summary>
    public string Scheme { get; }

    /// <summary>Host, with the port where it is not the scheme's own; empty for <c>file</c>.</summary>
    public string Authority { get; }

    /// <summary>Begins with a slash and does not end with one; percent-encoded.</summary>
    public string Path { get; }

    /// <summary>The canonical URL, to reach the repository with.</summary>
    public string Value => $"{Scheme}://{Authority}{Path}";

    /// <summary>
    /// The canonical name of the project: <see cref="Value"/> without the suffix <c>.git</c>. Events and token scopes use it.
    /// </summary>
    public string Project => Path.EndsWith(GitSuffix, StringComparison.Ordinal) && !Path.EndsWith("/" + GitSuffix, StringComparison.Ordinal)
        ? Value[..^GitSuffix.Length]
        : Value;

    public bool IsFile => Scheme == "file";

    public override string ToString() => Value;

    /// <summary>
    /// Accepts absolute https, http and file URLs. Refuses everything that could make one repository pass for another
    /// or carry a secret: user info, query, fragment, relative segments (also percent-encoded), control characters.
    /// </summary>
    /// <param name="text">What the caller gave.</param>
    /// <param name="url">The URL if it is accepted.</param>
    /// <param name="error">Otherwise what is wrong and what is accepted; does not repeat the text, which may hold a secret.</param>
    public static bool TryParse(string? text, [NotNullWhen(true)] out RepositoryUrl? url, [NotNullWhen(false)] out string? error)
    {
        url = null;
        error = FindFault(text, out var scheme, out var authority, out var rest);
        if (error is not null) return false;

        if (!TryGetAuthority(scheme, authority, out var host, out error)) return false;
        if (!TryGetPath(rest, out var path, out error)) return false;
        url = new RepositoryUrl(scheme, host, path);
        return true;
    }

    /// <summary>Percent-encodes what a URL can't hold as it is (spaces, letters beyond ASCII); leaves the rest alone.</summary>
    internal static string Encode(string text)
    {
        var result = new StringBuilder(text.Length);
        foreach (var b in Encoding.UTF8.GetBytes(text))
        {
            if (b is > 0x20 and < 0x7f && !"\"<>^`{|}".Contains((char)b, StringComparison.Ordinal)) result.Append((char)b);
            else result.Append(CultureInfo.InvariantCulture, $"%{b:X2}");
        }
        return result.ToString();
    }

    private static string? FindFault(string? text, out string scheme, out string authority, out string path)
    {
        scheme = authority = path = "";
        if (string.IsNullOrEmpty(text)) return "The repository URL is empty. " + Accepted;
        if (text.Length > MaxLength) return $"The repository URL is longer than {MaxLength} characters.";
        foreach (var rune in text.EnumerateRunes())
        {
            if (Rune.IsControl(rune) || rune == Rune.ReplacementChar) return "The repository URL contains a control character.";
        }
        if (text.Contains('\\', StringComparison.Ordinal)) return "The repository URL contains a backslash: use /.";

        var end = text.IndexOf("://", StringComparison.Ordinal);
        scheme = end < 0 ? "" : text[..end].ToLowerInvariant();
        if (scheme is not ("https" or "http" or "file")) return "The repository URL has an unsupported scheme. " + Accepted;
        var rest = text[(end + 3)..];
        if (rest.Contains('?', StringComparison.Ordinal)) return "The repository URL has a query: leave it out.";
        if (rest.Contains('#', StringComparison.Ordinal)) return "The repository URL has a fragment: leave it out.";

        var slash = rest.IndexOf('/', StringComparison.Ordinal);
        authority = slash < 0 ? rest : rest[..slash];
        path = slash < 0 ? "" : rest[slash..];
        return authority.Contains('@', StringComparison.Ordinal)
            ? "The repository URL holds credentials: leave them out; they come from the host's settings."
            : null;
    }

    private static bool TryGetAuthority(string scheme, string text, out string authority, [NotNullWhen(false)] out string? error)
    {
        authority = text.ToLowerInvariant();
        error = null;
        if (scheme == "file")
        {
            if (authority == "localhost") authority = "";
            if (authority.Length > 0) error = "A file URL names no host: file:///path/of/repository.";
            return error is null;
        }

        var bracket = authority.LastIndexOf(']');
        var colon = authority.LastIndexOf(':');
        var host = colon > bracket ? authority[..colon] : authority;
        var port = colon > bracket ? authority[(colon + 1)..] : null;
        if (!IsHost(host)) error = "The repository URL has no valid host name (letters, digits, dots, hyphens; punycode for others).";
        else if (port is { Length: > 0 } && (!ushort.TryParse(port, NumberStyles.None, CultureInfo.InvariantCulture, out var number) || number == 0))
            error = "The repository URL has no valid port (1 to 65535).";
        else if (string.IsNullOrEmpty(port) || IsDefaultPort(scheme, port)) authority = host;
        else authority = $"{host}:{port.TrimStart('0')}";
        return error is null;
    }

    private static bool IsDefaultPort(string scheme, string port) => port.TrimStart('0') == (scheme == "https" ? "443" : "80");

    private static bool IsHost(string host)
    {
        if (host.StartsWith('[') && host.EndsWith(']'))
            return IPAddress.TryParse(host[1..^1], out var address) && address.AddressFamily == AddressFamily.InterNetworkV6
                && !host.Contains('%', StringComparison.Ordinal);
        return host.Length is > 0 and <= 253 && host.Split('.').All(label =>
            label.Length is > 0 and <= 63 && label.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_') && label[0] != '-');
    }

    private static bool TryGetPath(string text, out string path, [NotNullWhen(false)] out string? error)
    {
        path = "";
        if (!TryNormalizeEscapes(Encode(text), out var normal, out error)) return false;

        normal = normal.TrimEnd('/');
        if (normal.Length == 0) error = "The repository URL names no repository: it has no path.";
        foreach (var segment in normal.Split('/').Skip(1))
        {
            if (segment.Length == 0) error = "The repository URL contains an empty path segment (//).";
            if (segment is "." or "..") error = "The repository URL contains a relative path segment (. or ..).";
        }
        path = normal;
        return error is null;
    }

    /// <summary>
    /// Characters that need no escape lose theirs, so that <c>%61</c> can't pass by a rule about <c>a</c>, nor <c>%2e</c> by one about
    /// dots.
    /// </summary>
    private static bool TryNormalizeEscapes(string text, out string normal, [NotNullWhen(false)] out string? error)
    {
        var result = new StringBuilder(text.Length);
        normal = "";
        error = null;
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] != '%')
            {
                result.Append(text[i]);
                continue;
            }
            if (i + 2 >= text.Length
                || !byte.TryParse(text.AsSpan(i + 1, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var b))
            {
                error = "The repository URL contains a % that is not followed by two hexadecimal digits.";
                return false;
            }
            var c = (char)b;
            if (c is '/' or '\\' || char.IsControl(c) && b < 0x80)
            {
                error = "The repository URL contains a percent-encoded slash, backslash or control character.";
                return false;
            }
            if (char.IsAsciiLetterOrDigit(c) || c is '-' or '.' or '_' or '~') result.Append(c);
            else result.Append(CultureInfo.InvariantCulture, $"%{b:X2}");
            i += 2;
        }
        normal = result.ToString();
        return true;
    }
}
