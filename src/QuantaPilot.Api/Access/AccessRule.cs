using QuantaPilot.Core.Ports;

namespace QuantaPilot.Api.Access;

/// <summary>Who may use an endpoint: tokens with one of the roles; admins always.</summary>
public sealed record AccessRule(params IReadOnlyList<TokenRole> Roles)
{
    /// <summary>True if requests are signed instead of coming with a token.</summary>
    public bool IsSigned { get; private init; }

    /// <summary>No token is needed.</summary>
    public static AccessRule Anybody { get; } = new();

    /// <summary>No token is needed: the handler itself finds out by a signature whom the request comes from.</summary>
    public static AccessRule BySignature { get; } = new() { IsSigned = true };

    public static AccessRule Read { get; } = new(TokenRole.Consumer, TokenRole.Operator, TokenRole.Approver);

    public static AccessRule Operate { get; } = new(TokenRole.Operator);

    public static AccessRule Approve { get; } = new(TokenRole.Approver);

    public static AccessRule Administer { get; } = new(TokenRole.Admin);
}
