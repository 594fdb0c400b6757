using QuantaPilot.Core.Ports;

namespace QuantaPilot.Api.Access;

/// <summary>Who may use an endpoint: tokens with one of the roles; admins always.</summary>
public sealed record AccessRule(params IReadOnlyList<TokenRole> Roles)
{
    /// <summary>True if the endpoint itself looks at who calls.</summary>
    public bool IsSigned { get; private init; }

    /// <summary>No token is needed.</summary>
    public static AccessRule Anybody { get; } = new();

    /// <summary>No token counts: the endpoint itself lets in by a signature.</summary>
    public static AccessRule BySignature { get; } = new() { IsSigned = true };

    public static AccessRule Read { get; } = new(TokenRole.Consumer, TokenRole.Operator, TokenRole.Approver);

    public static AccessRule Operate { get; } = new(TokenRole.Operator);

    public static AccessRule Approve { get; } = new(TokenRole.Approver);

    public static AccessRule Administer { get; } = new(TokenRole.Admin);
}
