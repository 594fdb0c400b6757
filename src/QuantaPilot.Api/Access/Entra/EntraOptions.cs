using QuantaPilot.Core.Runs;

namespace QuantaPilot.Api.Access.Entra;

/// <summary>Which Entra ID tokens (JWTs) are accepted besides API tokens. Any issuer that serves OpenID Connect metadata will do.</summary>
public sealed record EntraOptions
{
    private const int MaxAudienceLength = 256;

    /// <summary>Endpoints whose tokens come from any tenant at all: their metadata names no issuer to hold a token to.</summary>
    private static readonly string[] _manyTenants = ["common", "organizations", "consumers"];

    /// <summary>
    /// The URL below which the issuer serves <c>.well-known/openid-configuration</c>, e.g.
    /// <c>https://login.microsoftonline.com/TENANT/v2.0</c>. Tokens must name the issuer that this document names.
    /// </summary>
    public required string Authority { get; init; }

    /// <summary>The <c>aud</c> that tokens must have: the app registration's client id, or its <c>api://…</c>.</summary>
    public required string Audience { get; init; }

    /// <summary>Globs of the repositories that holders of such tokens reach. Default: all.</summary>
    public IReadOnlyList<string> Projects { get; init; } = ["*"];

    internal string MetadataAddress => Authority.TrimEnd('/') + "/.well-known/openid-configuration";

    internal bool RequiresHttps => Authority.StartsWith(Uri.UriSchemeHttps, StringComparison.OrdinalIgnoreCase);

    /// <summary>Null if the text is accepted as an <see cref="Authority"/>, else what is accepted.</summary>
    public static string? FindAuthorityFault(string text)
    {
        const string Accepted =
            "must be the https URL of one tenant, e.g. https://login.microsoftonline.com/TENANT/v2.0 (http for loopback only)";
        if (!Uri.TryCreate(text, UriKind.Absolute, out var uri)) return Accepted;
        if (uri.Query.Length + uri.Fragment.Length + uri.UserInfo.Length > 0) return Accepted;
        if (uri.Scheme != Uri.UriSchemeHttps && !(uri.Scheme == Uri.UriSchemeHttp && uri.IsLoopback)) return Accepted;
        return uri.Segments.Select(segment => segment.Trim('/')).Intersect(_manyTenants, StringComparer.OrdinalIgnoreCase).Any()
            ? Accepted + ": common, organizations and consumers stand for many"
            : null;
    }

    /// <summary>Null if the text is accepted as an <see cref="Audience"/>, else what is accepted.</summary>
    public static string? FindAudienceFault(string text) =>
        text.Length is > 0 and <= MaxAudienceLength && text.All(c => c is > ' ' and < '\x7f')
            ? null
            : "must be the client id of the app registration or its api://… URI, without spaces";

    /// <exception cref="FormatException">A value is not accepted; the message names it and says what is.</exception>
    internal void Validate()
    {
        if (FindAuthorityFault(Authority) is { } fault) throw new FormatException($"{nameof(Authority)} '{Authority}' {fault}.");
        if (FindAudienceFault(Audience) is { } wrong) throw new FormatException($"{nameof(Audience)} '{Audience}' {wrong}.");
        if (Projects.Count == 0) throw new FormatException($"{nameof(Projects)} must hold a glob, or be left out.");
        _ = new RepositoryPolicy(Projects);
    }
}
