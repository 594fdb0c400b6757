using System.Runtime.CompilerServices;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using QuantaPilot.Api.Http;
using QuantaPilot.Functions.Durable;
using static Microsoft.Azure.Functions.Worker.AuthorizationLevel;
using Hub = Microsoft.DurableTask.Client.DurableTaskClient;

namespace QuantaPilot.Functions.Http;

/// <summary>
/// A trigger for each endpoint of the API, of its name and at its path. The API itself says who may call: for the
/// Functions host all of them are open.
/// </summary>
internal sealed class ApiFunctions(ApiEndpoints api, DurableClientAccessor durable)
{
    [Function(nameof(StartRun))]
    public Task StartRun([HttpTrigger(Anonymous, "POST", Route = "run")] HttpRequest request, [DurableClient] Hub hub) =>
        Serve(request, hub);

    [Function(nameof(ListRuns))]
    public Task ListRuns([HttpTrigger(Anonymous, "GET", Route = "runs")] HttpRequest request, [DurableClient] Hub hub) =>
        Serve(request, hub);

    [Function(nameof(GetRun))]
    public Task GetRun([HttpTrigger(Anonymous, "GET", Route = "runs/{run_id}")] HttpRequest request, [DurableClient] Hub hub) =>
        Serve(request, hub);

    [Function(nameof(PauseRun))]
    public Task PauseRun([HttpTrigger(Anonymous, "POST", Route = "runs/{run_id}/pause")] HttpRequest request, [DurableClient] Hub hub) =>
        Serve(request, hub);

    [Function(nameof(ResumeRun))]
    public Task ResumeRun([HttpTrigger(Anonymous, "POST", Route = "runs/{run_id}/resume")] HttpRequest request, [DurableClient] Hub hub) =>
        Serve(request, hub);

    [Function(nameof(CancelRun))]
    public Task CancelRun([HttpTrigger(Anonymous, "POST", Route = "runs/{run_id}/cancel")] HttpRequest request, [DurableClient] Hub hub) =>
        Serve(request, hub);

    [Function(nameof(RetryRun))]
    public Task RetryRun([HttpTrigger(Anonymous, "POST", Route = "runs/{run_id}/retry")] HttpRequest request, [DurableClient] Hub hub) =>
        Serve(request, hub);

    [Function(nameof(ListGates))]
    public Task ListGates([HttpTrigger(Anonymous, "GET", Route = "gates")] HttpRequest request, [DurableClient] Hub hub) =>
        Serve(request, hub);

    [Function(nameof(DecideGates))]
    public Task DecideGates([HttpTrigger(Anonymous, "POST", Route = "gates:decide")] HttpRequest request, [DurableClient] Hub hub) =>
        Serve(request, hub);

    [Function(nameof(ListRunGates))]
    public Task ListRunGates([HttpTrigger(Anonymous, "GET", Route = "runs/{run_id}/gates")] HttpRequest request, [DurableClient] Hub hub) =>
        Serve(request, hub);

    [Function(nameof(DecideGate))]
    public Task DecideGate(
        [HttpTrigger(Anonymous, "POST", Route = "runs/{run_id}/gates/{gate}")] HttpRequest request, [DurableClient] Hub hub) =>
        Serve(request, hub);

    [Function(nameof(ListRunEvents))]
    public Task ListRunEvents(
        [HttpTrigger(Anonymous, "GET", Route = "runs/{run_id}/events")] HttpRequest request, [DurableClient] Hub hub) =>
        Serve(request, hub);

    [Function(nameof(ListRunLogs))]
    public Task ListRunLogs([HttpTrigger(Anonymous, "GET", Route = "runs/{run_id}/logs")] HttpRequest request, [DurableClient] Hub hub) =>
        Serve(request, hub);

    [Function(nameof(AnswerAgentTask))]
    public Task AnswerAgentTask(
        [HttpTrigger(Anonymous, "POST", Route = "runs/{run_id}/agents/{agent_step}/{agent_round}")] HttpRequest request,
        [DurableClient] Hub hub) =>
        Serve(request, hub);

    [Function(nameof(StreamEvents))]
    public Task StreamEvents([HttpTrigger(Anonymous, "GET", Route = "events")] HttpRequest request, [DurableClient] Hub hub) =>
        Serve(request, hub);

    [Function(nameof(CreateToken))]
    public Task CreateToken([HttpTrigger(Anonymous, "POST", Route = "tokens")] HttpRequest request, [DurableClient] Hub hub) =>
        Serve(request, hub);

    [Function(nameof(ListTokens))]
    public Task ListTokens([HttpTrigger(Anonymous, "GET", Route = "tokens")] HttpRequest request, [DurableClient] Hub hub) =>
        Serve(request, hub);

    [Function(nameof(RevokeToken))]
    public Task RevokeToken([HttpTrigger(Anonymous, "DELETE", Route = "tokens/{token_id}")] HttpRequest request, [DurableClient] Hub hub) =>
        Serve(request, hub);

    [Function(nameof(ListDeliveries))]
    public Task ListDeliveries([HttpTrigger(Anonymous, "GET", Route = "deliveries")] HttpRequest request, [DurableClient] Hub hub) =>
        Serve(request, hub);

    [Function(nameof(RedeliverEvent))]
    public Task RedeliverEvent(
        [HttpTrigger(Anonymous, "POST", Route = "deliveries/{delivery_id}/redeliver")] HttpRequest request, [DurableClient] Hub hub) =>
        Serve(request, hub);

    [Function(nameof(CreateSubscription))]
    public Task CreateSubscription(
        [HttpTrigger(Anonymous, "POST", Route = "subscriptions")] HttpRequest request, [DurableClient] Hub hub) =>
        Serve(request, hub);

    [Function(nameof(ListSubscriptions))]
    public Task ListSubscriptions([HttpTrigger(Anonymous, "GET", Route = "subscriptions")] HttpRequest request, [DurableClient] Hub hub) =>
        Serve(request, hub);

    [Function(nameof(GetSubscription))]
    public Task GetSubscription(
        [HttpTrigger(Anonymous, "GET", Route = "subscriptions/{subscription_id}")] HttpRequest request, [DurableClient] Hub hub) =>
        Serve(request, hub);

    [Function(nameof(DeleteSubscription))]
    public Task DeleteSubscription(
        [HttpTrigger(Anonymous, "DELETE", Route = "subscriptions/{subscription_id}")] HttpRequest request, [DurableClient] Hub hub) =>
        Serve(request, hub);

    [Function(nameof(EnableSubscription))]
    public Task EnableSubscription(
        [HttpTrigger(Anonymous, "POST", Route = "subscriptions/{subscription_id}/enable")] HttpRequest request, [DurableClient] Hub hub) =>
        Serve(request, hub);

    [Function(nameof(DisableSubscription))]
    public Task DisableSubscription(
        [HttpTrigger(Anonymous, "POST", Route = "subscriptions/{subscription_id}/disable")] HttpRequest request, [DurableClient] Hub hub) =>
        Serve(request, hub);

    [Function(nameof(RotateSubscription))]
    public Task RotateSubscription(
        [HttpTrigger(Anonymous, "POST", Route = "subscriptions/{subscription_id}/rotate")] HttpRequest request, [DurableClient] Hub hub) =>
        Serve(request, hub);

    [Function(nameof(TestSubscription))]
    public Task TestSubscription(
        [HttpTrigger(Anonymous, "POST", Route = "subscriptions/{subscription_id}/test")] HttpRequest request, [DurableClient] Hub hub) =>
        Serve(request, hub);

    [Function(nameof(ListSubscriptionDeliveries))]
    public Task ListSubscriptionDeliveries(
        [HttpTrigger(Anonymous, "GET", Route = "subscriptions/{subscription_id}/deliveries")] HttpRequest request,
        [DurableClient] Hub hub) =>
        Serve(request, hub);

    [Function(nameof(ListAudit))]
    public Task ListAudit([HttpTrigger(Anonymous, "GET", Route = "audit")] HttpRequest request, [DurableClient] Hub hub) =>
        Serve(request, hub);

    [Function(nameof(ReceiveGitHubHook))]
    public Task ReceiveGitHubHook(
        [HttpTrigger(Anonymous, "POST", Route = "hooks/github")] HttpRequest request, [DurableClient] Hub hub) =>
        Serve(request, hub);

    [Function(nameof(GetHealth))]
    public Task GetHealth([HttpTrigger(Anonymous, "GET", Route = "healthz")] HttpRequest request, [DurableClient] Hub hub) =>
        Serve(request, hub);

    [Function(nameof(GetReadiness))]
    public Task GetReadiness([HttpTrigger(Anonymous, "GET", Route = "readyz")] HttpRequest request, [DurableClient] Hub hub) =>
        Serve(request, hub);

    [Function(nameof(GetMetrics))]
    public Task GetMetrics([HttpTrigger(Anonymous, "GET", Route = "metrics")] HttpRequest request, [DurableClient] Hub hub) =>
        Serve(request, hub);

    [Function(nameof(GetOpenApi))]
    public Task GetOpenApi([HttpTrigger(Anonymous, "GET", Route = "openapi.json")] HttpRequest request, [DurableClient] Hub hub) =>
        Serve(request, hub);

    /// <summary>
    /// Takes what no other trigger takes. The host tries routes in the order of the functions' names, so that this one must
    /// come last: a test sees to it.
    /// </summary>
    [Function(nameof(UnknownPath))]
    public Task UnknownPath([HttpTrigger(Anonymous, Route = "{*path}")] HttpRequest request) => api.RefuseAsync(request.HttpContext);

    private Task Serve(HttpRequest request, Hub hub, [CallerMemberName] string endpoint = "")
    {
        durable.Client = hub;
        return api.InvokeAsync(endpoint, request.HttpContext);
    }
}
