using Microsoft.IdentityModel.JsonWebTokens;

namespace QuantaPilot.Api.Access.Entra;

/// <summary>Who a token that was judged to be good stands for.</summary>
internal static class EntraClaims
{
    private const int MaxSubjectLength = 128;
    private const int MaxNameLength = 128;

    /// <summary>
    /// Sign-in names, which the tenant's administrators give and no two people of it share, then an application's id. Not
    /// <c>name</c>: people choose it themselves, and could pass for somebody else.
    /// </summary>
    private static readonly string[] _nameClaims = ["preferred_username", "upn", "azp", "appid"];

    /// <summary>
    /// <c>oid</c>, which never changes and is never given to another, or <c>sub</c> from issuers that have no <c>oid</c>.
    /// </summary>
    /// <returns>Null if there is none that is printable ASCII of at most 128 characters.</returns>
    public static string? SubjectOf(JsonWebToken token)
    {
        var text = Text(token, "oid") ?? Text(token, "sub");
        return text is { Length: <= MaxSubjectLength } && text.All(c => c is > ' ' and < '\x7f') ? text : null;
    }

    /// <summary>What people know the caller by; null if no claim says so.</summary>
    public static string? NameOf(JsonWebToken token) => _nameClaims.Select(claim => Text(token, claim))
        .FirstOrDefault(text => text is { Length: <= MaxNameLength } && !text.Any(c => char.IsControl(c) || char.IsSurrogate(c)));

    public static IEnumerable<string> RolesOf(JsonWebToken token) =>
        token.Claims.Where(claim => claim.Type == "roles").Select(claim => claim.Value);

    private static string? Text(JsonWebToken token, string claim) =>
        token.TryGetPayloadValue<string>(claim, out var text) && !string.IsNullOrWhiteSpace(text) ? text : null;
}
