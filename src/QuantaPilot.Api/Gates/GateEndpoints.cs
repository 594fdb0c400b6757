using QuantaPilot.Api.Access;
using QuantaPilot.Api.Http;
using QuantaPilot.Api.Limits;

namespace QuantaPilot.Api.Gates;

internal sealed class GateEndpoints(GateHandlers gates) : IApiEndpointSource
{
    public IEnumerable<ApiEndpoint> Endpoints =>
    [
        new("ListGates", "GET", "/gates", AccessRule.Read, gates.PendingAsync),
        new("DecideGates", "POST", "/gates:decide", AccessRule.Approve, gates.DecideManyAsync) { Kind = RequestKind.Decision },
        new("ListRunGates", "GET", "/runs/{run_id}/gates", AccessRule.Read, gates.OfRunAsync),
        new("DecideGate", "POST", "/runs/{run_id}/gates/{gate}", AccessRule.Approve, gates.DecideAsync) { Kind = RequestKind.Decision },
    ];
}
