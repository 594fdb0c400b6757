using QuantaPilot.Api.Access;
using QuantaPilot.Api.Http;

namespace QuantaPilot.Api.RunLogs;

internal sealed class RunLogEndpoints(RunLogHandlers logs) : IApiEndpointSource
{
    public IEnumerable<ApiEndpoint> Endpoints => [new("ListRunLogs", "GET", "/runs/{run_id}/logs", AccessRule.Read, logs.ListAsync)];
}
