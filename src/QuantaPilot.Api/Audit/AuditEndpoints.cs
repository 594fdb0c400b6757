using QuantaPilot.Api.Access;
using QuantaPilot.Api.Http;

namespace QuantaPilot.Api.Audit;

internal sealed class AuditEndpoints(AuditHandlers audit) : IApiEndpointSource
{
    public IEnumerable<ApiEndpoint> Endpoints => [new("ListAudit", "GET", "/audit", AccessRule.Administer, audit.ListAsync)];
}
