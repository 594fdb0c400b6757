using System.Collections.Concurrent;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using QuantaPilot.Core.Audit;
using QuantaPilot.Core.Contracts;
using QuantaPilot.Core.Ports;
using QuantaPilot.Core.Runs;
using QuantaPilot.Testing.Watching;

namespace QuantaPilot.Cli.Tests;

/// <summary>A server on loopback that answers as the API is specified, over runs that a test lays out.</summary>
internal sealed class FakeApi : IAsyncDisposable
{
    public const string Token = "qp_test";

    /// <summary>Turns a test that would wait for ever into one that fails.</summary>
    public static readonly TimeSpan HangGuard = TimeSpan.FromMinutes(1);

    private readonly WebApplication _app;
    private readonly TaskCompletionSource _streamOpened = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ConcurrentDictionary<string, FakeRun> _runs = new();

    private FakeApi(WebApplication app) => _app = app;

    public Uri Url => new(_app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());

    /// <summary>Method and path of each request, in order of arrival.</summary>
    public ConcurrentQueue<string> Requests { get; } = new();

    /// <summary>Bodies of POST requests.</summary>
    public ConcurrentQueue<string> Bodies { get; } = new();

    /// <summary>The Last-Event-ID of each stream that was opened, null without.</summary>
    public ConcurrentQueue<string?> StreamStarts { get; } = new();

    /// <summary>The tokens that are listed.</summary>
    public List<TokenResource> Tokens { get; } = [];

    /// <summary>The subscriptions that are listed; test, rotation and switch answer for the first.</summary>
    public List<SubscriptionResource> Subscriptions { get; } = [];

    /// <summary>What a test delivery comes to.</summary>
    public SubscriptionTestResult TestResult { get; set; } = new("test:1", true, "delivered", 204, 12, null);
    /// <summary>The audit entries that are listed, two to a page.</summary>
    public List<AuditEntry> Audit { get; } = [];

    /// <summary>A stream is cut off after so many events; 0 for never.</summary>
    public int CutStreamAfter { get; set; }

    /// <summary>Sends the last event that the reader has already seen once more after a reconnect.</summary>
    public bool RepeatsEvents { get; set; }

    /// <summary>Answers a request with a problem instead.</summary>
    public Func<HttpRequest, Problem?>? Refuse { get; set; }

    /// <summary>What happens to a run once it was started, decided or controlled.</summary>
    public Action<FakeRun, string>? On { get; set; }

    /// <summary>Completes once somebody follows a run.</summary>
    public Task StreamOpened => _streamOpened.Task.WaitAsync(HangGuard);

    public static async Task<FakeApi> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddSingleton<StandIn>();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        var api = new FakeApi(app);
        api.Map();
        await app.StartAsync();
        return api;
    }

    public FakeRun Add(FakeRun run) => _runs[run.Resource.RunId.ToString()] = run;

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync(new CancellationToken(canceled: true));
        await _app.DisposeAsync();
    }

    internal static Task WriteAsync<T>(
        HttpContext context, int status, T value, System.Text.Json.Serialization.Metadata.JsonTypeInfo<T> type)
    {
        context.Response.StatusCode = status;
        return context.Response.WriteAsJsonAsync(value, type, status >= 400 ? "application/problem+json" : "application/json");
    }

    private static Problem NotFound() => new("about:blank", "Not found", 404, "There is no such run.", ErrorCodes.NotFound, "req-404");

    private void Map()
    {
        _app.Use(async (context, next) =>
        {
            Requests.Enqueue($"{context.Request.Method} {context.Request.Path}{context.Request.QueryString}");
            if (context.Request.Path != "/healthz" && context.Request.Headers.Authorization != $"Bearer {Token}")
            {
                var problem = new Problem(
                    "about:blank", "Unauthenticated", 401, "The token is not valid.", ErrorCodes.Unauthenticated, "req-401");
                await WriteAsync(context, 401, problem, CoreJson.Default.Problem);
                return;
            }
            if (Refuse?.Invoke(context.Request) is { } refusal)
            {
                await WriteAsync(context, refusal.Status, refusal, CoreJson.Default.Problem);
            }
            else await next();
        });
        _app.MapGet("/healthz", () => "ok");
        _app.MapPost("/run", StartRunAsync);
        _app.MapGet("/runs", (HttpContext context) =>
        {
            IReadOnlyList<RunResource> items = [.. _runs.Values.Select(run => run.Resource).OrderByDescending(run => run.CreatedAt)];
            return WriteAsync(context, 200, new ResourcePage<RunResource>(items, null), CoreJson.Default.ResourcePageRunResource);
        });
        _app.MapGet("/gates", (HttpContext context) =>
        {
            IReadOnlyList<GateResource> items = [
                .. _runs.Values.SelectMany(run => run.Resource.Gates).Where(gate => gate.Status == GateStatus.Pending)];
            return WriteAsync(context, 200, new ResourcePage<GateResource>(items, null), CoreJson.Default.ResourcePageGateResource);
        });
        _app.MapGet("/runs/{id}", (HttpContext context, string id) => WithRunAsync(context, id, run =>
            WriteAsync(context, 200, run.Resource, CoreJson.Default.RunResource)));
        _app.MapPost(
            "/runs/{id}/gates/{gate}",
            (HttpContext context, string id, string gate) => WithRunAsync(context, id, run => DecideAsync(context, run, gate)));
        _app.MapPost("/tokens", CreateTokenAsync);
        _app.MapGet("/tokens", (HttpContext context) =>
            WriteAsync(context, 200, new ResourcePage<TokenResource>([.. Tokens], null), CoreJson.Default.ResourcePageTokenResource));
        _app.MapDelete("/tokens/{id}", (string id) => Results.StatusCode(Tokens.RemoveAll(token => token.Id == id) == 1 ? 204 : 500));
        FakeSubscriptions.Map(_app, this);
        _app.MapGet("/audit", (HttpContext context, int cursor = 0) =>
        {
            var next = cursor + 2 < Audit.Count ? $"{cursor + 2}" : null;
            var page = new ResourcePage<AuditEntry>([.. Audit.Skip(cursor).Take(2)], next);
            return WriteAsync(context, 200, page, CoreJson.Default.ResourcePageAuditEntry);
        });
        _app.MapGet("/runs/{id}/logs", (HttpContext context, string id, long after = 0) => WithRunAsync(context, id, run =>
        {
            var page = new ResourcePage<RunLogEntry>([.. run.Log.Where(entry => entry.Sequence > after)], null);
            return WriteAsync(context, 200, page, CoreJson.Default.ResourcePageRunLogEntry);
        }));
        foreach (var action in new[] { "pause", "resume", "cancel" })
        {
            _app.MapPost(
                "/runs/{id}/" + action,
                (HttpContext context, string id) => WithRunAsync(context, id, run => ControlAsync(context, run, action)));
        }
        _app.MapPost("/runs/{id}/retry", (HttpContext context, string id) => WithRunAsync(context, id, run => RetryAsync(context, run)));
        _app.MapGet(
            "/runs/{id}/events",
            (HttpContext context, string id, long after = 0) => WithRunAsync(context, id, run => EventsAsync(context, run, after)));
    }

    private async Task WithRunAsync(HttpContext context, string id, Func<FakeRun, Task> action)
    {
        if (_runs.TryGetValue(id, out var run)) await action(run);
        else await WriteAsync(context, 404, NotFound(), CoreJson.Default.Problem);
    }

    private async Task StartRunAsync(HttpContext context)
    {
        var body = await new StreamReader(context.Request.Body).ReadToEndAsync();
        Bodies.Enqueue(body);
        var request = JsonSerializer.Deserialize(body, CoreJson.Default.RunRequest)!;
        var run = Add(new FakeRun(repoUrl: request.RepoUrl!, branch: request.Branch!));
        On?.Invoke(run, "run");
        await AcceptAsync(context, run);
    }

    private async Task RetryAsync(HttpContext context, FakeRun run)
    {
        var retry = Add(new FakeRun(repoUrl: run.Resource.RepoUrl, branch: run.Resource.Branch));
        retry.With(resource => resource with { RetryOf = run.Resource.RunId });
        On?.Invoke(retry, "retry");
        await AcceptAsync(context, retry);
    }

    private static Task AcceptAsync(HttpContext context, FakeRun run)
    {
        var id = run.Resource.RunId;
        var accepted = new RunAccepted(id, run.Resource.CorrelationId, $"/runs/{id}", $"/runs/{id}/events");
        return WriteAsync(context, 202, accepted, CoreJson.Default.RunAccepted);
    }

    private async Task CreateTokenAsync(HttpContext context)
    {
        var body = await new StreamReader(context.Request.Body).ReadToEndAsync();
        Bodies.Enqueue(body);
        var request = JsonSerializer.Deserialize(body, CoreJson.Default.TokenRequest)!;
        var culture = System.Globalization.CultureInfo.InvariantCulture;
        DateTimeOffset? expires = request.ExpiresAt is { } text ? DateTimeOffset.Parse(text, culture) : null;
        var created = new TokenCreated(
            "t1",
            request.Name!,
            [.. request.Roles!.Select(role => Enum.Parse<TokenRole>(role!, ignoreCase: true))],
            [.. (request.Projects ?? ["*"]).OfType<string>()],
            DateTimeOffset.UnixEpoch,
            expires,
            "qp_secret");
        await WriteAsync(context, 201, created, CoreJson.Default.TokenCreated);
    }

    private async Task ControlAsync(HttpContext context, FakeRun run, string action)
    {
        Bodies.Enqueue(await new StreamReader(context.Request.Body).ReadToEndAsync());
        On?.Invoke(run, action);
        await WriteAsync(context, 202, run.Resource, CoreJson.Default.RunResource);
    }

    private async Task DecideAsync(HttpContext context, FakeRun run, string gate)
    {
        var body = await new StreamReader(context.Request.Body).ReadToEndAsync();
        Bodies.Enqueue(body);
        var decision = JsonSerializer.Deserialize(body, CoreJson.Default.DecisionRequest)!;
        run.Decide(gate, decision.Approved == true, decision.Reason ?? "");
        On?.Invoke(run, decision.Approved == true ? "approve" : "reject");
        var answer = new DecisionAnswer(VoteResult.Applied, run.Resource.Gates.Single(g => g.Gate == gate));
        await WriteAsync(context, 200, answer, CoreJson.Default.DecisionAnswer);
    }

    private async Task EventsAsync(HttpContext context, FakeRun run, long after)
    {
        if (!context.Request.Headers.Accept.ToString().Contains("event-stream", StringComparison.Ordinal))
        {
            var items = new JsonArray([.. run.EventsAfter(after).Select(e => JsonNode.Parse(e.Json))]);
            context.Response.ContentType = "application/json";
            await context.Response.WriteAsync(new JsonObject { ["items"] = items }.ToJsonString());
            return;
        }
        var last = context.Request.Headers["Last-Event-ID"].FirstOrDefault();
        StreamStarts.Enqueue(last);
        _streamOpened.TrySetResult();
        if (last is not null) after = long.Parse(last, System.Globalization.CultureInfo.InvariantCulture) - (RepeatsEvents ? 1 : 0);
        context.Response.ContentType = "text/event-stream";
        await context.Response.WriteAsync("retry: 2000\n\n");
        await context.Response.Body.FlushAsync();
        var sent = 0;
        while (true)
        {
            var changed = run.Changed;
            foreach (var (sequence, json) in run.EventsAfter(after))
            {
                await context.Response.WriteAsync($"id: {sequence}\nevent: quantapilot.x\ndata: {json}\n\n");
                await context.Response.Body.FlushAsync();
                after = sequence;
                if (++sent == CutStreamAfter) return;
            }
            await changed.WaitAsync(context.RequestAborted);
        }
    }
}
