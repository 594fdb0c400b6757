using Microsoft.Extensions.Logging;
using QuantaPilot.Core.Ports;

namespace QuantaPilot.Api.Access;

/// <summary>The first admin token of a host that gets it from its settings, e.g. from a key vault.</summary>
public sealed class BootstrapToken(ITokenStore tokens, TimeProvider time, ILogger<BootstrapToken> logger)
{
    /// <summary>The name that the token and its predecessors have; no other token can be made under it.</summary>
    public const string Name = "bootstrap";

    /// <summary>
    /// Makes the value of the setting a valid admin token over all projects; only its SHA-256 is stored. Earlier values
    /// are revoked. Idempotent, also when several hosts start at once. To be called at every start; without a setting
    /// it is not called, and an earlier token stays valid until somebody revokes it.
    /// </summary>
    /// <param name="value"><c>qp_</c> and 43 base64url characters.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>
    /// False if the value is a token that was revoked, has expired or is no admin: it stays so, since whoever revoked it
    /// had a reason. The log says which; earlier values are not touched then.
    /// </returns>
    /// <exception cref="FormatException">The value is not a token.</exception>
    public async Task<bool> EnsureAsync(string value, CancellationToken cancellationToken)
    {
        if (!BearerToken.IsWellFormed(value)) throw new FormatException("The bootstrap token must be qp_ and 43 base64url characters.");
        var token = await FindOrCreateAsync(BearerToken.Hash(value), cancellationToken);
        var now = time.GetUtcNow();
        if (!token.IsValidAt(now) || !token.Roles.Contains(TokenRole.Admin))
        {
            Logs.BootstrapTokenRefused(logger, token.Id);
            return false;
        }
        foreach (var earlier in await tokens.ListAsync(cancellationToken))
        {
            if (earlier.Name != Name || earlier.Id == token.Id || earlier.RevokedAt is not null) continue;
            await tokens.RevokeByIdAsync(earlier.Id, now, cancellationToken);
            Logs.BootstrapTokenRevoked(logger, earlier.Id);
        }
        return true;
    }

    private async Task<ApiToken> FindOrCreateAsync(byte[] hash, CancellationToken cancellationToken)
    {
        if (await tokens.FindAsync(hash, cancellationToken) is { } known) return known;
        var token = new ApiToken(Guid.NewGuid().ToString("N"), Name, hash, [TokenRole.Admin], ["*"], time.GetUtcNow(), null, null);
        try
        {
            await tokens.CreateAsync(token, cancellationToken);
        }
        catch (ArgumentException)
        {
            // Another host was faster.
            return await tokens.FindAsync(hash, cancellationToken)
                ?? throw new InvalidOperationException("The store has a token that it does not find.");
        }
        Logs.BootstrapTokenMade(logger, token.Id);
        return token;
    }
}
