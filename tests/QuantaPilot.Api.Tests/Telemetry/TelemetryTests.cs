using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;
using OpenTelemetry.Trace;
using QuantaPilot.Api.Telemetry;
using QuantaPilot.Api.Tests.Support;
using QuantaPilot.Core.Contracts;
using QuantaPilot.Core.Ports;
using QuantaPilot.Core.Runs;
using QuantaPilot.Engine;
using QuantaPilot.Host.Server;

namespace QuantaPilot.Api.Tests.Telemetry;

/// <summary>What the whole standalone host tells of its runs. Spans and metrics are of the process, so nothing runs beside these.</summary>
[Collection(nameof(TelemetryTests))]
[CollectionDefinition(nameof(TelemetryTests), DisableParallelization = true)]
public sealed class TelemetryTests : IDisposable
{
    private const string Planted = "planted-5up3r-s3cr3t";

    private readonly TempDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task Trace_OfARun_GoesFromTheRequestToTheLastActivity()
    {
        const string TraceId = "4bf92f3577b34da6a3ce929d0e0e4736";
        var spans = new ConcurrentList();
        RunAccepted run;
        await using (var server = await StartAsync(null, services => services.AddQuantaPilotTelemetry()
            .WithTracing(tracing => tracing.AddInMemoryExporter(spans))))
        {
            using var client = Client(server);
            client.DefaultRequestHeaders.Add("traceparent", $"00-{TraceId}-00f067aa0ba902b7-01");
            run = await StartRunAsync(client);
            client.DefaultRequestHeaders.Remove("traceparent");
            await DecideAsync(client, run.RunId, """{"approved":true}""");
            await server.Services.GetRequiredService<EmbeddedEngine>().WaitForEndAsync($"{run.RunId}", default);
        }

        var trace = spans.Snapshot().Where(span => span.TraceId.ToString() == TraceId).OrderBy(span => span.StartTimeUtc).ToList();
        var request = trace.Single(span => span.Kind == ActivityKind.Server);
        Assert.Equal("POST /run", request.DisplayName);
        Assert.Equal(run.CorrelationId, request.GetTagItem("quantapilot.correlation_id"));
        Assert.All(trace, span => Assert.Equal($"{run.RunId}", span.GetTagItem("quantapilot.run_id")));
        Assert.All(trace.Where(span => span != request), span => Assert.Equal(request.SpanId, span.ParentSpanId));
        var activities = trace.Where(span => span.OperationName.StartsWith("activity:", StringComparison.Ordinal)).ToList();
        Assert.Equal(
            ["prepare_run", "write_documentation", "record_events", "merge_pull_request", "record_events"],
            activities.Select(span => span.OperationName["activity:".Length..]));
        Assert.All(activities, span => Assert.Equal(run.CorrelationId, span.GetTagItem("quantapilot.correlation_id")));
        // A first turn, one for each activity, and one for the decision.
        Assert.Equal(activities.Count + 2, trace.Count(span => span.OperationName == "orchestration:run"));
    }

    [Fact]
    public async Task Trace_NestedSpans_CarryTheRun()
    {
        using var source = new ActivitySource("Nested");
        var spans = new ConcurrentList();
        RunAccepted run;
        await using (var server = await StartAsync(
            new Hooks { InAgent = () => source.StartActivity("call")!.Dispose() },
            services => services.AddQuantaPilotTelemetry().WithTracing(tracing => tracing.AddSource("Nested").AddInMemoryExporter(spans))))
        {
            using var client = Client(server);
            run = await StartRunAsync(client);
            await WaitForGateAsync(client, run.RunId);
        }

        var nested = spans.Snapshot().Single(span => span.OperationName == "call");
        Assert.Equal($"{run.RunId}", nested.GetTagItem("quantapilot.run_id"));
        Assert.Equal(run.CorrelationId, nested.GetTagItem("quantapilot.correlation_id"));
    }

    [Fact]
    public async Task Export_ByOtlp_SendsAllSignalsAndNoTokenSecretOrFreeText()
    {
        await using var receiver = await OtlpReceiver.StartAsync();
        var failures = new Queue<Exception>([new StepException(ErrorCodes.AgentFailed, Planted), new InvalidOperationException(Planted)]);
        ILogger? log = null;
        var hooks = new Hooks
        {
            InAgent = () =>
            {
                log?.Log(LogLevel.Information, default, "at work", null, (state, _) => state);
                if (failures.TryDequeue(out var failure)) throw failure;
            },
        };
        string token;
        RunId failed, approved;
        await using (var server = await StartAsync(hooks, variables: new Dictionary<string, string?>
        {
            ["OTEL_EXPORTER_OTLP_ENDPOINT"] = receiver.Url,
            ["OTEL_EXPORTER_OTLP_PROTOCOL"] = "http/protobuf",
            ["OTEL_SERVICE_NAME"] = "the-name-it-was-given",
        }))
        {
            token = server.AdminToken;
            log = server.Services.GetRequiredService<ILogger<TelemetryTests>>();
            using var client = Client(server);
            failed = (await StartRunAsync(client)).RunId;
            await WaitForEndAsync(client, failed);
            approved = (await StartRunAsync(client)).RunId;
            await DecideAsync(client, approved, $$"""{"approved":true,"reason":"{{Planted}}"}""");
            (await client.PostAsync($"/runs/{approved}/cancel", ApiHost.Json($$"""{"reason":"{{Planted}}"}"""))).Dispose();
            (await client.PostAsync("/run", ApiHost.Json(Planted))).Dispose();
            (await client.PostAsync("/tokens", ApiHost.Json(Planted))).Dispose();
            (await client.GetAsync($"/runs?status={Planted}&cursor={token}")).Dispose();
            client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", Planted);
            (await client.GetAsync("/runs")).Dispose();
            (await client.GetAsync("/healthz")).Dispose();
        }

        var traces = receiver.Received("traces");
        string[] inTraces =
            [$"{failed}", $"{approved}", "activity:merge_pull_request", "orchestration:run", "the-name-it-was-given", "agent_failed"];
        foreach (var expected in inTraces) Assert.Contains(expected, traces, StringComparison.Ordinal);
        Assert.DoesNotContain("/healthz", traces, StringComparison.Ordinal);
        var metrics = receiver.Received("metrics");
        string[] inMetrics = ["quantapilot.runs", "quantapilot.gate.wait", "quantapilot.step.duration", "http.server.request.duration"];
        foreach (var expected in inMetrics) Assert.Contains(expected, metrics, StringComparison.Ordinal);
        Assert.Contains("quantapilot.run_id", receiver.Received("logs"), StringComparison.Ordinal);
        foreach (var signal in new[] { traces, metrics })
        {
            Assert.DoesNotContain(Planted, signal, StringComparison.OrdinalIgnoreCase);
            Assert.DoesNotContain(token, signal, StringComparison.Ordinal);
        }
        Assert.DoesNotContain(token, receiver.Received("logs"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Export_WithoutAnEndpoint_CollectsNothing()
    {
        await using var server = await StartAsync(null, variables: new Dictionary<string, string?> { ["OTEL_SERVICE_NAME"] = "x" });

        Assert.Null(server.Services.GetService<TracerProvider>());
        Assert.False(Core.Telemetry.Instruments.Source.HasListeners());
        Assert.False(Core.Telemetry.Instruments.Runs.Enabled);
    }

    private Task<QuantaPilotServer> StartAsync(
        Hooks? hooks, Action<IServiceCollection>? configure = null, IReadOnlyDictionary<string, string?>? variables = null) =>
        QuantaPilotServer.StartAsync(
            new ServerOptions
            {
                DataDirectory = _directory.Path,
                Url = "http://127.0.0.1:0",
                OpenTelemetry = variables,
                ConfigureServices = services =>
                {
                    var agent = new HookedAgent(hooks ?? new Hooks());
                    services.AddSingleton<IForge>(new InstantForge()).RemoveAll<IAgent>().AddSingleton<IAgent>(agent);
                    // The console only: the exporter of log lines is such a provider too.
                    services.Remove(services.Single(s => s.ImplementationType == typeof(ConsoleLoggerProvider)));
                    configure?.Invoke(services);
                },
            },
            default);

    private static HttpClient Client(QuantaPilotServer server)
    {
        var client = new HttpClient { BaseAddress = new Uri(server.Url) };
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", server.AdminToken);
        return client;
    }

    private static async Task<RunAccepted> StartRunAsync(HttpClient client)
    {
        using var answer = await client.PostAsync("/run", ApiHost.Json("""{"repo_url":"https://example.com/o/p.git","branch":"main"}"""));
        return await answer.OkAsync(CoreJson.Default.RunAccepted, HttpStatusCode.Accepted);
    }

    private static async Task DecideAsync(HttpClient client, RunId runId, string body)
    {
        await WaitForGateAsync(client, runId);
        using var answer = await client.PostAsync($"/runs/{runId}/gates/anchor", ApiHost.Json(body));
        await answer.OkAsync(CoreJson.Default.DecisionAnswer);
        await WaitForEndAsync(client, runId);
    }

    private static async Task WaitForGateAsync(HttpClient client, RunId runId)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"/runs/{runId}/events");
        request.Headers.Accept.ParseAdd("text/event-stream");
        using var answer = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        using var reader = new EventReader(await answer.Content.ReadAsStreamAsync());
        while ((await reader.TakeAsync(1)).Single().Type != "quantapilot.gate_requested")
        {
        }
    }

    private static async Task WaitForEndAsync(HttpClient client, RunId runId)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"/runs/{runId}");
        request.Headers.Add("Prefer", "wait=60");
        using var answer = await client.SendAsync(request);
        Assert.True((await answer.OkAsync(CoreJson.Default.RunResource)).Status.HasEnded());
    }

    private sealed class Hooks
    {
        public Action InAgent { get; init; } = () => { };
    }

    private sealed class HookedAgent(Hooks hooks) : IAgent
    {
        public string Type => "outline";

        public Task<AgentResult> RunAsync(AgentTask task, ICheckout checkout, CancellationToken cancellationToken)
        {
            hooks.InAgent();
            return Task.FromResult(new AgentResult("Nothing to see.", null));
        }
    }

    /// <summary>What the exporter fills from several threads.</summary>
    private sealed class ConcurrentList : ICollection<Activity>
    {
        private readonly ConcurrentQueue<Activity> _items = new();

        public int Count => _items.Count;

        public bool IsReadOnly => false;

        public IReadOnlyList<Activity> Snapshot() => [.. _items];

        public void Add(Activity item) => _items.Enqueue(item);

        public void Clear() => _items.Clear();

        public bool Contains(Activity item) => _items.Contains(item);

        public void CopyTo(Activity[] array, int arrayIndex) => _items.CopyTo(array, arrayIndex);

        public bool Remove(Activity item) => throw new NotSupportedException();

        public IEnumerator<Activity> GetEnumerator() => _items.GetEnumerator();

        System.Collections.IEnumerator System.Collections.IEnumerable.GetEnumerator() => GetEnumerator();
    }
}
