using QuantaPilot.Api.Access;
using QuantaPilot.Api.Http;

namespace QuantaPilot.Api.Hooks;

internal sealed class HookEndpoints(GitHubHookHandlers gitHub) : IApiEndpointSource
{
    public IEnumerable<ApiEndpoint> Endpoints =>
        [new("ReceiveGitHubHook", "POST", "/hooks/github", AccessRule.BySignature, gitHub.ReceiveAsync)];
}
