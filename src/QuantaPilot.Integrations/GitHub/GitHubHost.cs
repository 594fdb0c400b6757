using System.Net;
using System.Security.Cryptography;
using QuantaPilot.Core.Runs;

namespace QuantaPilot.Integrations.GitHub;

/// <summary>github.com or a GitHub Enterprise Server, with the credentials for it: a token, or a GitHub App's id and key.</summary>
/// <remarks>No record, whose text would show the secrets.</remarks>
public sealed class GitHubHost
{
    public const string DotCom = "github.com";

    /// <summary>What the public API takes at least, by the documentation of GitHub Apps: RSA keys of 2048 bits.</summary>
    private const int MinKeyBits = 2048;

    /// <summary>
    /// The host of the repositories' URLs, with the port where there is one: <c>github.com</c>, <c>github.example.com</c>.
    /// </summary>
    public required string Host { get; init; }

    /// <summary>
    /// The root of its REST API. Default: <c>https://api.github.com</c> for github.com, <c>https://api.HOST</c> for hosts under
    /// ghe.com, else <c>https://HOST/api/v3</c>.
    /// </summary>
    public Uri? ApiUrl { get; init; }

    /// <summary>A personal access token, or null for an App.</summary>
    public string? Token { get; init; }

    /// <summary>The id (or client id) of a GitHub App that is installed for the repositories, or null for a token.</summary>
    public string? AppId { get; init; }

    /// <summary>The App's private key, PEM.</summary>
    public string? PrivateKey { get; init; }

    /// <summary>The root of the REST API, with a slash at its end.</summary>
    internal Uri Api => ApiUrl is null ? DefaultApi(Host) : new Uri(ApiUrl.AbsoluteUri.TrimEnd('/') + "/");

    internal Uri GraphQl => new(Api, Api.AbsolutePath.EndsWith("/api/v3/", StringComparison.Ordinal) ? "../graphql" : "graphql");

    /// <summary>Null if the text is accepted as <see cref="Host"/>, else what is.</summary>
    public static string? FindHostFault(string text) =>
        RepositoryUrl.TryParse($"https://{text}/owner/name", out var url, out _) && url.Authority == text && url.Path == "/owner/name"
            ? null
            : "must be the host of the repositories' URLs in lower case, e.g. github.com or github.example.com";

    /// <summary>Null if the text is accepted as <see cref="ApiUrl"/>, else what is.</summary>
    public static string? FindApiUrlFault(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri.Query.Length + uri.Fragment.Length + uri.UserInfo.Length == 0
        && (uri.Scheme == Uri.UriSchemeHttps || (uri.Scheme == Uri.UriSchemeHttp && IsLoopbackAddress(uri)))
            ? null
            : "must be the https URL of the REST API, e.g. https://github.example.com/api/v3 (http for loopback addresses only)";

    /// <summary>Null if the text is accepted as <see cref="Token"/>, else what is. Does not repeat it.</summary>
    public static string? FindTokenFault(string text) =>
        text.Length > 0 && text.All(c => c is > ' ' and <= '~') && !text.StartsWith('@')
            ? null
            : "must be a personal access token (ghp_… or github_pat_…), printable ASCII without blanks";

    /// <summary>Null if the text is accepted as <see cref="AppId"/>, else what is.</summary>
    public static string? FindAppIdFault(string text) =>
        text.Length is > 0 and <= 40 && text.All(c => char.IsAsciiLetterOrDigit(c) || c == '.')
            ? null
            : "must be the App ID or the client ID on the App's settings page";

    /// <summary>Null if the text is accepted as <see cref="PrivateKey"/>, else what is. Does not repeat it.</summary>
    public static string? FindPrivateKeyFault(string text)
    {
        const string Accepted = "must be the private key of the GitHub App, PEM (-----BEGIN RSA PRIVATE KEY-----), of at least 2048 bits";
        try
        {
            using var rsa = RSA.Create();
            rsa.ImportFromPem(text);
            _ = rsa.ExportParameters(includePrivateParameters: true);
            return rsa.KeySize >= MinKeyBits ? null : Accepted;
        }
        catch (Exception e) when (e is ArgumentException or CryptographicException)
        {
            return Accepted;
        }
    }

    /// <summary>Null if the host has what it takes to prove who we are, else what is missing.</summary>
    public static string? FindCredentialsFault(bool hasToken, bool hasAppId, bool hasPrivateKey) =>
        (hasToken, hasAppId, hasPrivateKey) switch
        {
            (true, false, false) or (false, true, true) => null,
            (false, true, false) => "the App's private key is missing",
            (false, false, true) => "the App's id is missing",
            (false, false, false) => "there is neither a token nor a GitHub App",
            _ => "a token and a GitHub App exclude each other",
        };

    /// <exception cref="FormatException">A member is not accepted; the message names it and what is.</exception>
    internal void Require()
    {
        if (FindHostFault(Host) is { } host) throw Fault($"it {host}");
        if (ApiUrl is not null && FindApiUrlFault(ApiUrl.OriginalString) is { } api) throw Fault($"the URL of its API {api}");
        if (FindCredentialsFault(Token is not null, AppId is not null, PrivateKey is not null) is { } credentials) throw Fault(credentials);
        if (Token is not null && FindTokenFault(Token) is { } token) throw Fault($"its token {token}");
        if (AppId is not null && FindAppIdFault(AppId) is { } app) throw Fault($"the App's id {app}");
        if (PrivateKey is not null && FindPrivateKeyFault(PrivateKey) is { } key) throw Fault($"the App's key {key}");
    }

    private static Uri DefaultApi(string host) => host switch
    {
        DotCom => new Uri("https://api.github.com/"),
        _ when host.EndsWith(".ghe.com", StringComparison.Ordinal) => new Uri($"https://api.{host}/"),
        _ => new Uri($"https://{host}/api/v3/"),
    };

    /// <summary>A name could be made to mean another machine.</summary>
    private static bool IsLoopbackAddress(Uri uri) => IPAddress.TryParse(uri.Host, out var address) && IPAddress.IsLoopback(address);

    private FormatException Fault(string what) => new($"The GitHub host '{Host}' is not accepted: {what}.");
}
