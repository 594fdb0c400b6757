using System.Net;
using System.Net.Http.Headers;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using QuantaPilot.Core.Contracts;
using QuantaPilot.Core.Ports;
using QuantaPilot.Core.Runs;
using QuantaPilot.Engine;
using QuantaPilot.Host.Server;

namespace QuantaPilot.Api.Tests.Support;

/// <summary>Whole runs on a whole server.</summary>
internal static class ServerRuns
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(30);

    public static HttpClient Client(this QuantaPilotServer server)
    {
        var client = new HttpClient { BaseAddress = new Uri(server.Url) };
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", server.AdminToken);
        return client;
    }

    /// <summary>Starts a run, approves it at its gate, and awaits its end.</summary>
    public static async Task<RunId> CompleteRunAsync(this QuantaPilotServer server, HttpClient client)
    {
        using var answer = await client.PostAsync(
            "/run", ApiHost.Json("""{"repo_url":"https://example.com/org/project.git","branch":"main"}"""));
        var runId = (await answer.OkAsync(CoreJson.Default.RunAccepted, HttpStatusCode.Accepted)).RunId;
        using var request = new HttpRequestMessage(HttpMethod.Get, $"/runs/{runId}/events");
        request.Headers.Accept.ParseAdd("text/event-stream");
        using var stream = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        using var reader = new EventReader(await stream.Content.ReadAsStreamAsync());
        Assert.Equal("quantapilot.gate_requested", (await reader.TakeAsync(3).WaitAsync(_patience))[^1].Type);
        using var decision = await client.PostAsync($"/runs/{runId}/gates/anchor", ApiHost.Json("""{"approved":true}"""));
        Assert.Equal(HttpStatusCode.OK, decision.StatusCode);
        Assert.Equal("quantapilot.run_completed", (await reader.ToEndAsync().WaitAsync(_patience))[^1].Type);
        // The log has the end before the activity that recorded it, and handed it over, has answered.
        var engine = server.Services.GetRequiredService<EmbeddedEngine>();
        var state = await engine.WaitForEndAsync(runId.ToString(), default).WaitAsync(_patience);
        Assert.Equal(OrchestrationStatus.Completed, state!.Status);
        return runId;
    }

    /// <summary>Awaits the end of all orchestrations that deliver events of the run.</summary>
    public static async Task SettleAsync(this QuantaPilotServer server, RunId runId, FakeTimeProvider time)
    {
        var engine = server.Services.GetRequiredService<EmbeddedEngine>();
        var page = await server.Services.GetRequiredService<IDeliveryStore>().ListAsync(new DeliveryQuery(RunId: runId), default);
        foreach (var instance in page.Items.SelectMany(delivery => delivery.InstanceIds).Distinct())
            await time.PatientlyAsync(engine.WaitForEndAsync(instance, default));
    }

    public static async Task<IReadOnlyList<DeliveryResource>> ListDeliveriesAsync(this HttpClient client, string query) =>
        (await (await client.GetAsync("/deliveries" + query)).OkAsync(CoreJson.Default.ResourcePageDeliveryResource)).Items;
}
