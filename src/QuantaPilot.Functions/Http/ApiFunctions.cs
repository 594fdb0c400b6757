using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask.Client;
using QuantaPilot.Api.Http;
using QuantaPilot.Functions.Durable;
using static Microsoft.Azure.Functions.Worker.AuthorizationLevel;

namespace QuantaPilot.Functions.Http;

/// <summary>
/// One trigger for each endpoint of the API, under its name and at its path. The API itself authenticates and answers;
/// to the Functions host every trigger is anonymous.
/// </summary>
internal sealed class ApiFunctions(ApiEndpoints endpoints, DurableClientAccessor durable)
{
    [Function("StartRun")]
    public Task StartRunAsync([HttpTrigger(Anonymous, "post", Route = "run")] HttpRequest request, [DurableClient] DurableTaskClient client) =>
        ServeAsync("StartRun", request, client);

    [Function("ListRuns")]
    public Task ListRunsAsync([HttpTrigger(Anonymous, "get", Route = "runs")] HttpRequest request, [DurableClient] DurableTaskClient client) =>
        ServeAsync("ListRuns", request, client);

    [Function("GetRun")]
    public Task GetRunAsync([HttpTrigger(Anonymous, "get", Route = "runs/{run_id}")] HttpRequest request, [DurableClient] DurableTaskClient client) =>
        ServeAsync("GetRun", request, client);

    [Function("PauseRun")]
    public Task PauseRunAsync([HttpTrigger(Anonymous, "post", Route = "runs/{run_id}/pause")] HttpRequest request, [DurableClient] DurableTaskClient client) =>
        ServeAsync("PauseRun", request, client);

    [Function("ResumeRun")]
    public Task ResumeRunAsync([HttpTrigger(Anonymous, "post", Route = "runs/{run_id}/resume")] HttpRequest request, [DurableClient] DurableTaskClient client) =>
        ServeAsync("ResumeRun", request, client);

    [Function("CancelRun")]
    public Task CancelRunAsync([HttpTrigger(Anonymous, "post", Route = "runs/{run_id}/cancel")] HttpRequest request, [DurableClient] DurableTaskClient client) =>
        ServeAsync("CancelRun", request, client);

    [Function("ListGates")]
    public Task ListGatesAsync([HttpTrigger(Anonymous, "get", Route = "gates")] HttpRequest request, [DurableClient] DurableTaskClient client) =>
        ServeAsync("ListGates", request, client);

    [Function("DecideGates")]
    public Task DecideGatesAsync([HttpTrigger(Anonymous, "post", Route = "gates:decide")] HttpRequest request, [DurableClient] DurableTaskClient client) =>
        ServeAsync("DecideGates", request, client);

    [Function("ListRunGates")]
    public Task ListRunGatesAsync([HttpTrigger(Anonymous, "get", Route = "runs/{run_id}/gates")] HttpRequest request, [DurableClient] DurableTaskClient client) =>
        ServeAsync("ListRunGates", request, client);

    [Function("DecideGate")]
    public Task DecideGateAsync([HttpTrigger(Anonymous, "post", Route = "runs/{run_id}/gates/{gate}")] HttpRequest request, [DurableClient] DurableTaskClient client) =>
        ServeAsync("DecideGate", request, client);

    [Function("ListRunEvents")]
    public Task ListRunEventsAsync([HttpTrigger(Anonymous, "get", Route = "runs/{run_id}/events")] HttpRequest request, [DurableClient] DurableTaskClient client) =>
        ServeAsync("ListRunEvents", request, client);

    [Function("StreamEvents")]
    public Task StreamEventsAsync([HttpTrigger(Anonymous, "get", Route = "events")] HttpRequest request, [DurableClient] DurableTaskClient client) =>
        ServeAsync("StreamEvents", request, client);

    [Function("CreateToken")]
    public Task CreateTokenAsync([HttpTrigger(Anonymous, "post", Route = "tokens")] HttpRequest request, [DurableClient] DurableTaskClient client) =>
        ServeAsync("CreateToken", request, client);

    [Function("ListTokens")]
    public Task ListTokensAsync([HttpTrigger(Anonymous, "get", Route = "tokens")] HttpRequest request, [DurableClient] DurableTaskClient client) =>
        ServeAsync("ListTokens", request, client);

    [Function("RevokeToken")]
    public Task RevokeTokenAsync([HttpTrigger(Anonymous, "delete", Route = "tokens/{token_id}")] HttpRequest request, [DurableClient] DurableTaskClient client) =>
        ServeAsync("RevokeToken", request, client);

    [Function("GetHealth")]
    public Task GetHealthAsync([HttpTrigger(Anonymous, "get", Route = "healthz")] HttpRequest request, [DurableClient] DurableTaskClient client) =>
        ServeAsync("GetHealth", request, client);

    [Function("GetReadiness")]
    public Task GetReadinessAsync([HttpTrigger(Anonymous, "get", Route = "readyz")] HttpRequest request, [DurableClient] DurableTaskClient client) =>
        ServeAsync("GetReadiness", request, client);

    /// <summary>What no other trigger takes. The host tries routes in the order of the functions' names: this one must be the last.</summary>
    [Function("UnknownPath")]
    public Task RefuseAsync(
        [HttpTrigger(Anonymous, "get", "head", "post", "put", "patch", "delete", "options", Route = "{*path}")] HttpRequest request) =>
        endpoints.RefuseAsync(request.HttpContext);

    private Task ServeAsync(string endpoint, HttpRequest request, DurableTaskClient client)
    {
        durable.Client = client;
        return endpoints.InvokeAsync(endpoint, request.HttpContext);
    }
}
