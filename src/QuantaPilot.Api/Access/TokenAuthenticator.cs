using System.Security.Cryptography;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;
using QuantaPilot.Core.Ports;

namespace QuantaPilot.Api.Access;

/// <summary>Finds out who makes a request, from its <c>Authorization</c> header.</summary>
internal sealed class TokenAuthenticator(ITokenStore tokens, TokenUses uses, TimeProvider time)
{
    private const string Scheme = "Bearer ";

    /// <returns>Null if there is no token, or none that is valid now.</returns>
    public async ValueTask<Caller?> AuthenticateAsync(HttpContext context)
    {
        if (Read(context.Request.Headers.Authorization) is not { } text) return null;
        if (await FindValidAsync(BearerToken.Hash(text), context.RequestAborted) is not { } token) return null;
        uses.Note(token);
        return new Caller(token);
    }

    /// <summary>For requests that last: false once the caller's token was revoked or has expired.</summary>
    public async ValueTask<bool> IsStillValidAsync(Caller caller, CancellationToken cancellationToken) =>
        await FindValidAsync(caller.TokenHash, cancellationToken) is not null;

    private async ValueTask<ApiToken?> FindValidAsync(ReadOnlyMemory<byte> hash, CancellationToken cancellationToken)
    {
        var token = await tokens.FindAsync(hash, cancellationToken);
        return token is not null && CryptographicOperations.FixedTimeEquals(token.Hash.Span, hash.Span) && token.IsValidAt(time.GetUtcNow())
            ? token
            : null;
    }

    private static string? Read(StringValues header)
    {
        if (header.Count != 1 || header[0] is not { } value || !value.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase)) return null;
        var text = value[Scheme.Length..].Trim();
        return BearerToken.IsWellFormed(text) ? text : null;
    }
}
