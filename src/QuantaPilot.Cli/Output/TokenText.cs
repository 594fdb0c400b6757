using QuantaPilot.Core.Contracts;
using QuantaPilot.Core.Ports;
using Spectre.Console;

namespace QuantaPilot.Cli.Output;

/// <summary>Shows tokens.</summary>
internal static class TokenText
{
    public static string Roles(IReadOnlyList<TokenRole> roles) => string.Join(", ", roles.Select(RunText.Word));

    public static bool IsValid(TokenResource token, DateTimeOffset now) =>
        token.RevokedAt is null && (token.ExpiresAt is not { } end || now < end);

    public static void Write(IAnsiConsole console, TokenResource token, TimeProvider time)
    {
        var now = time.GetUtcNow();
        var state = token.RevokedAt is { } revoked ? $"revoked {RunText.LocalTime(revoked, time)}"
            : token.ExpiresAt is not { } end ? "no expiry"
            : $"{(end > now ? "expires" : "expired")} {RunText.LocalTime(end, time)}";
        var used = token.LastUsedAt is { } at ? $"last used {RunText.LocalTime(at, time)}" : "never used";
        console.Line(
            ($"{token.Id}  ", Styles.Plain),
            ($"{token.Name,-20}", Styles.Strong),
            ($"  {Roles(token.Roles)} on {string.Join(", ", token.Projects)}; ", Styles.Plain),
            (state, IsValid(token, now) ? Styles.Plain : Styles.Bad),
            ($"; {used}", Styles.Plain));
    }
}
