using QuantaPilot.Api.Access;
using QuantaPilot.Api.Http;

namespace QuantaPilot.Api.Subscriptions;

internal sealed class SubscriptionEndpoints(SubscriptionHandlers subscriptions, SubscriptionUseHandlers use) : IApiEndpointSource
{
    private const string One = "/subscriptions/{subscription_id}";

    public IEnumerable<ApiEndpoint> Endpoints =>
    [
        new("CreateSubscription", "POST", "/subscriptions", AccessRule.Administer, subscriptions.CreateAsync),
        new("ListSubscriptions", "GET", "/subscriptions", AccessRule.Administer, subscriptions.ListAsync),
        new("GetSubscription", "GET", One, AccessRule.Administer, subscriptions.GetAsync),
        new("DeleteSubscription", "DELETE", One, AccessRule.Administer, subscriptions.DeleteAsync),
        new("EnableSubscription", "POST", One + "/enable", AccessRule.Administer, subscriptions.EnableAsync),
        new("DisableSubscription", "POST", One + "/disable", AccessRule.Administer, subscriptions.DisableAsync),
        new("RotateSubscription", "POST", One + "/rotate", AccessRule.Administer, use.RotateAsync),
        new("TestSubscription", "POST", One + "/test", AccessRule.Administer, use.TestAsync),
        new("ListSubscriptionDeliveries", "GET", One + "/deliveries", AccessRule.Administer, use.ListDeliveriesAsync),
    ];
}
