using System.Security.Cryptography;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;
using QuantaPilot.Core.Ports;

namespace QuantaPilot.Api.Access;

/// <summary>Finds out who makes a request, from its <c>Authorization</c> header.</summary>
internal sealed class TokenAuthenticator(ITokenStore tokens, TimeProvider time)
{
    private const string Scheme = "Bearer ";

    /// <returns>Null if there is no token, or none that is valid now.</returns>
    public async ValueTask<Caller?> AuthenticateAsync(HttpContext context)
    {
        if (Read(context.Request.Headers.Authorization) is not { } text) return null;
        var hash = BearerToken.Hash(text);
        var token = await tokens.FindAsync(hash, context.RequestAborted);
        return token is not null && CryptographicOperations.FixedTimeEquals(token.Hash.Span, hash) && token.IsValidAt(time.GetUtcNow())
            ? new Caller(token)
            : null;
    }

    private static string? Read(StringValues header)
    {
        if (header.Count != 1 || header[0] is not { } value || !value.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase)) return null;
        var text = value[Scheme.Length..].Trim();
        return BearerToken.IsWellFormed(text) ? text : null;
    }
}
