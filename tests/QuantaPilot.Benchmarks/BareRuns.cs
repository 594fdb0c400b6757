using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using QuantaPilot.Core.Contracts;
using QuantaPilot.Core.Orchestrations;
using QuantaPilot.Core.Ports;
using QuantaPilot.Core.Runs;

namespace QuantaPilot.Benchmarks;

/// <summary>
/// Starts runs as durably as <c>POST /run</c> does, from whoever asks and whatever the body holds: what its checks are measured
/// against.
/// </summary>
internal sealed class BareRuns(IRunStore store, IOrchestrationClient client, TimeProvider time) : IStartupFilter
{
    public const string Path = "/bare/run";

    public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
    {
        app.Use((context, following) => context.Request.Path == Path ? StartAsync(context) : following(context));
        next(app);
    };

    private async Task StartAsync(HttpContext context)
    {
        await context.Request.Body.CopyToAsync(Stream.Null, context.RequestAborted);
        var now = time.GetUtcNow();
        var run = new RunSnapshot
        {
            RunId = RunId.From(Guid.CreateVersion7(now)),
            RepoUrl = "https://example.com/org/project.git",
            Project = "https://example.com/org/project",
            Branch = "main",
            CorrelationId = Guid.NewGuid().ToString(),
            RequestedBy = "bare",
            RequestDigest = "",
            CreatedAt = now,
            UpdatedAt = now,
        };
        var input = new RunInput(run.RunId, run.RepoUrl, run.Branch, run.QuantapilotYamlPath, run.CorrelationId);
        await Task.WhenAll(
            store.CreateAsync(run, CancellationToken.None),
            client.StartAsync(RunOrchestration.Name, $"{run.RunId}", input, CancellationToken.None));
        var accepted = new RunAccepted(run.RunId, run.CorrelationId, $"/runs/{run.RunId}", $"/runs/{run.RunId}/events");
        context.Response.StatusCode = StatusCodes.Status202Accepted;
        context.Response.ContentType = "application/json";
        await context.Response.Body.WriteAsync(JsonSerializer.SerializeToUtf8Bytes(accepted, CoreJson.Default.RunAccepted));
    }
}
