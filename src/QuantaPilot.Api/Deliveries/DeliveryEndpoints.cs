using QuantaPilot.Api.Access;
using QuantaPilot.Api.Http;

namespace QuantaPilot.Api.Deliveries;

internal sealed class DeliveryEndpoints(DeliveryHandlers deliveries) : IApiEndpointSource
{
    public IEnumerable<ApiEndpoint> Endpoints =>
    [
        new("ListDeliveries", "GET", "/deliveries", AccessRule.Administer, deliveries.ListAsync),
        new("RedeliverEvent", "POST", "/deliveries/{delivery_id}/redeliver", AccessRule.Administer, deliveries.RedeliverAsync),
    ];
}
