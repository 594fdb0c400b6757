using QuantaPilot.Api.Access;
using QuantaPilot.Api.Http;

namespace QuantaPilot.Api.Tokens;

internal sealed class TokenEndpoints(TokenHandlers tokens) : IApiEndpointSource
{
    public IEnumerable<ApiEndpoint> Endpoints =>
    [
        new("CreateToken", "POST", "/tokens", AccessRule.Administer, tokens.CreateAsync),
        new("ListTokens", "GET", "/tokens", AccessRule.Administer, tokens.ListAsync),
        new("RevokeToken", "DELETE", "/tokens/{token_id}", AccessRule.Administer, tokens.RevokeAsync),
    ];
}
