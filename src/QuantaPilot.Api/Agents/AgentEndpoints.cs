using QuantaPilot.Api.Access;
using QuantaPilot.Api.Http;

namespace QuantaPilot.Api.Agents;

internal sealed class AgentEndpoints(AgentCallbackHandlers callbacks) : IApiEndpointSource
{
    public IEnumerable<ApiEndpoint> Endpoints =>
    [
        new("AnswerAgentTask", "POST", "/runs/{run_id}/agents/{agent_step}/{agent_round}", AccessRule.BySignature, callbacks.AnswerAsync),
    ];
}
