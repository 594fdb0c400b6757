using Microsoft.Extensions.Logging;
using QuantaPilot.Api.Access;
using QuantaPilot.Core.Ports;

namespace QuantaPilot.Host.Server;

/// <summary>
/// The token that the host makes for whoever can read its directory. A file that is gone, or that holds a token which is
/// not valid, is replaced, and what it held before no longer counts.
/// </summary>
internal static class AdminTokens
{
    private const string Name = "admin";

    public static async Task<string> EnsureAsync(
        DataDirectory directory, ITokenStore tokens, TimeProvider time, ILogger logger, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        if (File.Exists(directory.AdminToken))
        {
            var present = (await File.ReadAllTextAsync(directory.AdminToken, cancellationToken)).Trim();
            if (BearerToken.IsWellFormed(present)
                && await tokens.FindAsync(BearerToken.Hash(present), cancellationToken) is { } known
                && known.IsValidAt(now)) return present;
        }
        await tokens.RevokeAsync(Name, now, cancellationToken);
        var token = BearerToken.Create();
        await tokens.CreateAsync(
            new ApiToken(
                Guid.NewGuid().ToString("N"), Name, BearerToken.Hash(token), [TokenRole.Admin], ["*"], now, null, null), cancellationToken);
        DataDirectory.Write(directory.AdminToken, token);
        Logs.AdminTokenMade(logger, directory.AdminToken);
        return token;
    }
}
