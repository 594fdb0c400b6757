using Microsoft.AspNetCore.Http;
using QuantaPilot.Api.Access;
using QuantaPilot.Api.Http;
using QuantaPilot.Core.Ports;
using QuantaPilot.Core.Subscriptions;

namespace QuantaPilot.Api.Subscriptions;

/// <summary>
/// The subscriptions that a caller may see. One that reaches further than the caller's own projects does not exist for it.
/// </summary>
internal sealed class VisibleSubscriptions(ISubscriptionStore store)
{
    /// <summary>The subscription that the path names, or null.</summary>
    public async Task<Subscription?> FindAsync(HttpContext context) =>
        await store.FindAsync(context.PathValue("subscription_id"), context.RequestAborted) is { } subscription
        && MaySee(context, subscription) ? subscription : null;

    /// <summary>All of them, newest first.</summary>
    public async Task<IReadOnlyList<Subscription>> ListAsync(HttpContext context) =>
        [.. (await store.ListAsync(context.RequestAborted)).Where(subscription => MaySee(context, subscription))];

    public static ProblemResult NotFound() =>
        ProblemResult.NotFound("There is no such subscription. GET /subscriptions lists them with their ids.");

    private static bool MaySee(HttpContext context, Subscription subscription) => Caller.Of(context).Covers(subscription.Filter.Projects);
}
