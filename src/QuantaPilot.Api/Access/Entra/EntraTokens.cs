using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;
using Microsoft.IdentityModel.Tokens;
using QuantaPilot.Core.Ports;
using QuantaPilot.Core.Runs;

namespace QuantaPilot.Api.Access.Entra;

/// <summary>
/// Judges Entra ID access tokens. Signature, issuer, audience and times must all be right; roles are the app roles in the claim
/// <c>roles</c>. What is wrong is named, but never what would have been right.
/// </summary>
internal sealed class EntraTokens(EntraOptions options, EntraIssuer issuer, TimeProvider time)
{
    /// <summary>For <c>exp</c> and <c>nbf</c>: by so much the issuer's clock and this host's may differ.</summary>
    public static readonly TimeSpan Skew = TimeSpan.FromMinutes(5);

    /// <summary>Of a token. Entra's have 1 to 4 KB.</summary>
    private const int MaxLength = 16 * 1024;

    private const string NotValid = "The token is not valid.";

    /// <summary>Asymmetric ones only: with HS256 whoever knows the public key could sign.</summary>
    private static readonly string[] _algorithms =
        [SecurityAlgorithms.RsaSha256, SecurityAlgorithms.RsaSsaPssSha256, SecurityAlgorithms.EcdsaSha256];

    private static readonly Dictionary<string, TokenRole> _roles =
        Enum.GetValues<TokenRole>().ToDictionary(role => role.ToString().ToLowerInvariant(), StringComparer.Ordinal);

    private readonly JsonWebTokenHandler _handler = new() { MapInboundClaims = false, MaximumTokenSizeInBytes = MaxLength };
    private readonly RepositoryPolicy _scope = new(options.Projects);

    /// <param name="text">The text behind <c>Bearer</c>.</param>
    /// <param name="requestId">The id of the request.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public async ValueTask<Authentication> AuthenticateAsync(string text, string requestId, CancellationToken cancellationToken)
    {
        if (Read(text) is not { } token) return Authentication.Refused(NotValid);
        if (!_algorithms.Contains(token.Alg, StringComparer.Ordinal))
            return Authentication.Refused($"The token is not signed with an algorithm that is accepted: {string.Join(", ", _algorithms)}.");
        var published = await issuer.FindAsync(cancellationToken);
        if (published is not null && !HasKey(published, token)) published = await issuer.FindAnewAsync(cancellationToken);
        if (published is null) return Authentication.Undecided;
        if (!HasKey(published, token)) return Authentication.Refused("The token is signed with a key that the issuer does not publish.");

        var result = await _handler.ValidateTokenAsync(token, ParametersFor(published));
        return result.IsValid ? Accept((JsonWebToken)result.SecurityToken, requestId) : Authentication.Refused(FaultOf(result.Exception));
    }

    private JsonWebToken? Read(string text)
    {
        // Five parts would be an encrypted token.
        if (text.Length > MaxLength || text.Count(c => c == '.') != 2) return null;
        try
        {
            return _handler.ReadJsonWebToken(text);
        }
#pragma warning disable CA1031 // Strangers write this text: whatever the reader trips over, it is no token.
        catch (Exception)
#pragma warning restore CA1031
        {
            return null;
        }
    }

    private static bool HasKey(OpenIdConnectConfiguration published, JsonWebToken token) =>
        !string.IsNullOrEmpty(token.Kid) && published.SigningKeys.Any(key => key.KeyId == token.Kid);

    private TokenValidationParameters ParametersFor(OpenIdConnectConfiguration published) => new()
    {
        ValidAlgorithms = _algorithms,
        ValidIssuer = published.Issuer,
        ValidAudience = options.Audience,
        IssuerSigningKeys = published.SigningKeys,
        TryAllIssuerSigningKeys = false,
        ClockSkew = Skew,
        LifetimeValidator = IsInTime,
    };

    private bool IsInTime(DateTime? notBefore, DateTime? expires, SecurityToken token, TokenValidationParameters parameters)
    {
        var now = time.GetUtcNow().UtcDateTime;
        if (expires is not { } end) throw new SecurityTokenNoExpirationException();
        if (now - Skew >= end) throw new SecurityTokenExpiredException();
        if (notBefore is { } start && now + Skew < start) throw new SecurityTokenNotYetValidException();
        return true;
    }

    private static string FaultOf(Exception fault) => fault switch
    {
        SecurityTokenExpiredException => "The token has expired.",
        SecurityTokenNotYetValidException => "The token is not valid yet.",
        SecurityTokenNoExpirationException => "The token has no end (exp).",
        SecurityTokenInvalidAudienceException => "The token is for another audience.",
        SecurityTokenInvalidIssuerException => "The token is from another issuer.",
        SecurityTokenInvalidSignatureException => "The token's signature is wrong.",
        _ => NotValid,
    };

    private Authentication Accept(JsonWebToken token, string requestId)
    {
        if (EntraClaims.SubjectOf(token) is not { } subject) return Authentication.Refused("The token names no subject (oid or sub).");
        return Authentication.As(new Caller
        {
            TokenId = $"entra:{subject}",
            Name = EntraClaims.NameOf(token) ?? subject,
            Subject = subject,
            Roles = [.. EntraClaims.RolesOf(token).Where(_roles.ContainsKey).Select(role => _roles[role]).Distinct()],
            Projects = options.Projects,
            Scope = _scope,
            EndsAt = EndOf(token),
            RequestId = requestId,
        });
    }
    private static DateTimeOffset EndOf(JsonWebToken token)
    {
        var end = new DateTimeOffset(token.ValidTo, TimeSpan.Zero);
        return end < DateTimeOffset.MaxValue - Skew ? end + Skew : end;
    }
}
