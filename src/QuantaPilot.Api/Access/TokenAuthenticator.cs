using System.Security.Cryptography;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;
using QuantaPilot.Api.Access.Entra;
using QuantaPilot.Core.Ports;

namespace QuantaPilot.Api.Access;

/// <summary>Finds out who makes a request, from its <c>Authorization</c> header.</summary>
/// <param name="tokens">API tokens.</param>
/// <param name="uses">Notes their use.</param>
/// <param name="time">For their expiry.</param>
/// <param name="entra">Tokens of Entra ID; null where these are not accepted.</param>
internal sealed class TokenAuthenticator(ITokenStore tokens, TokenUses uses, TimeProvider time, EntraTokens? entra = null)
{
    private const string Scheme = "Bearer ";
    private const string NotValid = "The token is not valid.";

    public async ValueTask<Authentication> AuthenticateAsync(HttpContext context)
    {
        var header = context.Request.Headers.Authorization;
        if (header.Count == 0) return Authentication.Missing;
        if (Read(header) is not { } text) return Authentication.Refused(NotValid);
        var cancellationToken = context.RequestAborted;
        if (BearerToken.IsWellFormed(text))
        {
            if (await FindValidAsync(BearerToken.Hash(text), cancellationToken) is not { } token) return Authentication.Refused(NotValid);
            uses.Note(token);
            return Authentication.As(Caller.With(token, context.TraceIdentifier));
        }
        return entra is null
            ? Authentication.Refused(NotValid)
            : await entra.AuthenticateAsync(text, context.TraceIdentifier, cancellationToken);
    }

    /// <summary>For requests that last: false once the caller's token was revoked or has expired.</summary>
    public async ValueTask<bool> IsStillValidAsync(Caller caller, CancellationToken cancellationToken) =>
        caller.EndsAt is { } end ? time.GetUtcNow() < end : await FindValidAsync(caller.TokenHash, cancellationToken) is not null;

    private async ValueTask<ApiToken?> FindValidAsync(ReadOnlyMemory<byte> hash, CancellationToken cancellationToken)
    {
        var token = await tokens.FindAsync(hash, cancellationToken);
        return token is not null && CryptographicOperations.FixedTimeEquals(token.Hash.Span, hash.Span) && token.IsValidAt(time.GetUtcNow())
            ? token
            : null;
    }

    private static string? Read(StringValues header) =>
        header is [{ } value] && value.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase) ? value[Scheme.Length..].Trim() : null;
}
