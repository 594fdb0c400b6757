using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using QuantaPilot.Api.Access;
using QuantaPilot.Api.Limits;
using QuantaPilot.Api.Telemetry;
using QuantaPilot.Api.Tests.Hooks;
using QuantaPilot.Api.Tests.Support;
using QuantaPilot.Core.Contracts;
using QuantaPilot.Core.Ports;
using QuantaPilot.Core.Runs;
using Xunit.Abstractions;

namespace QuantaPilot.Api.Tests.Fuzz;

/// <summary>
/// Random requests to every operation of openapi.json: whatever comes, the API answers soon, in its own words, and goes on.
/// <c>QP_FUZZ_REQUESTS</c> says how many, <c>QP_FUZZ_SEED</c> where to begin; a failure names the seeds of its requests, and
/// <c>QP_FUZZ_SEED=… QP_FUZZ_REQUESTS=1</c> sends one of them alone. Memory is of the process, so nothing runs beside it.
/// </summary>
[Collection(nameof(HttpFuzzTests))]
[CollectionDefinition(nameof(HttpFuzzTests), DisableParallelization = true)]
public sealed class HttpFuzzTests(ITestOutputHelper output) : IAsyncLifetime
{
    private const int DefaultRequests = 10_000;
    private const int MaxFailures = 10;

    /// <summary>More than what the store and the tests' own records keep of so many requests.</summary>
    private const long MaxGrowth = 64 * 1024 * 1024;

    private static readonly HashSet<int> _expected = [200, 201, 202, 204, 400, 401, 403, 404, 405, 409, 413, 415];
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(30);
    private readonly ConcurrentQueue<string> _failures = new();
    private readonly ConcurrentDictionary<int, int> _statuses = new();

    /// <summary>The operations that came to their own code, past authentication and routing.</summary>
    private readonly ConcurrentDictionary<string, bool> _served = new();

    private ApiHost _host = null!;

    public async Task InitializeAsync()
    {
        var unlimited = new RateLimitOptions
        {
            TriggersPerMinute = 0,
            DecisionsPerMinute = 0,
            WritesPerMinute = 0,
            ReadsPerMinute = 0,
            FailedAuthenticationsPerMinute = 0,
        };
        _host = await ApiHost.StartAsync(
            unlimited, services => services.AddGitHubHooks(GitHubSender.Options).AddQuantaPilotMetrics());
        _host.Readiness.IsReady = true;
    }

    public async Task DisposeAsync() => await _host.DisposeAsync();

    [Fact]
    public async Task Requests_OfAnyKind_AreAnsweredSoonInJsonAndNeverWithAFault()
    {
        var (first, count) = (Setting("QP_FUZZ_SEED", 1), Setting("QP_FUZZ_REQUESTS", DefaultRequests));
        var generator = new RequestGenerator(await AddTargetsAsync());
        await SendAsync(generator.Create(first));
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var clock = Stopwatch.StartNew();

        await Parallel.ForAsync(first, first + count, new ParallelOptions { MaxDegreeOfParallelism = 4 }, async (seed, _) =>
        {
            if (_failures.Count < MaxFailures) await SendAsync(generator.Create(seed));
        });

        var growth = GC.GetTotalMemory(forceFullCollection: true) - before;
        var statuses = string.Join(", ", _statuses.OrderBy(status => status.Key).Select(status => $"{status.Key}: {status.Value}"));
        output.WriteLine($"{count} requests from seed {first} in {clock.Elapsed.TotalSeconds:F1} s; {growth / 1024} KB more; {statuses}");
        Assert.True(_failures.IsEmpty, string.Join("\n\n", _failures));
        Assert.InRange(growth, long.MinValue, MaxGrowth);
        // Else the requests would say nothing of what lies behind the first check.
        if (count < DefaultRequests) return;
        Assert.Superset(_expected, _statuses.Keys.ToHashSet());
        Assert.Equal(ApiOperation.All.Select(operation => operation.Id), _served.Keys.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Seed_Again_GivesTheSameRequest()
    {
        var targets = new FuzzTargets(["qp_x"], ["a"], ["b"], ["c"], ["d"]);

        for (var seed = 0; seed < 200; seed++) Assert.Equal(Text(seed), Text(seed));

        string Text(int seed) => $"{new RequestGenerator(targets).Create(seed)}";
    }

    private static int Setting(string name, int fallback) =>
        Environment.GetEnvironmentVariable(name) is { Length: > 0 } text ? int.Parse(text, CultureInfo.InvariantCulture) : fallback;

    private async Task SendAsync(FuzzedRequest request)
    {
        string? fault;
        try
        {
            using var late = new CancellationTokenSource(_patience);
            var context = await _host.Server.SendAsync(request.ApplyTo, late.Token).WaitAsync(_patience);
            if (context.Response.StatusCode is < 400 or 409) _served[request.Operation] = true;
            fault = await FindFaultAsync(context.Response).WaitAsync(_patience);
        }
#pragma warning disable CA1031 // Whatever it is, it is told with its request.
        catch (Exception e)
#pragma warning restore CA1031
        {
            fault = e.ToString();
        }
        if (fault is not null) _failures.Enqueue($"{request}\n  → {fault}");
    }

    /// <summary>What is wrong with an answer, or null.</summary>
    private async Task<string?> FindFaultAsync(HttpResponse response)
    {
        await using var body = response.Body;
        _statuses.AddOrUpdate(response.StatusCode, 1, (_, count) => count + 1);
        if (response.Headers.XContentTypeOptions != "nosniff" || response.Headers.CacheControl != "no-store") return "no security headers";
        if (response.StatusCode is < 200 or >= 500) return $"status {response.StatusCode}";
        var type = response.ContentType;
        if (response.StatusCode >= 400)
        {
            if (type != "application/problem+json") return $"status {response.StatusCode} as {type}";
            var problem = await JsonSerializer.DeserializeAsync(body, CoreJson.Default.Problem);
            return problem is { ErrorCode.Length: > 0, Detail.Length: > 0, RequestId.Length: > 0 } && problem.Status == response.StatusCode
                ? null
                : $"problem {problem}";
        }
        if (type == "application/json") (await JsonDocument.ParseAsync(body)).Dispose();
        // Disposing the body of a stream hangs up.
        return response.StatusCode == 204 || type is not null ? null : $"status {response.StatusCode} without a type";
    }

    private async Task<FuzzTargets> AddTargetsAsync()
    {
        var tokens = new List<string>();
        TokenRole[] roles = [TokenRole.Admin, TokenRole.Admin, TokenRole.Admin, TokenRole.Operator, TokenRole.Approver, TokenRole.Consumer];
        foreach (var role in roles)
            tokens.Add((await _host.ClientAsync($"{role}", role)).DefaultRequestHeaders.Authorization!.Parameter!);
        var runs = new List<string>();
        var deliveries = new List<string>();
        for (var i = 0; i < 20; i++)
        {
            RunEvent[] events = [Scenario.Started(), Scenario.AnchorRequested(), Scenario.Decided(), Scenario.Completed(4)];
            var run = await _host.AddRunAsync(Scenario.Run(), i % 4 == 0 ? events : events[..2]);
            runs.Add($"{run}");
            await _host.AgentTasks.OpenAsync(AgentScenario.Task(run), default);
            deliveries.Add($"{await _host.Deliveries.AddAsync(Pending(run, 1))}");
        }
        // Revoking them takes nothing from the tokens that the requests come with.
        var others = new List<string>();
        for (var i = 0; i < 20; i++)
        {
            others.Add(Guid.NewGuid().ToString("N"));
            var hash = BearerToken.Hash(BearerToken.Create());
            var token = new ApiToken(others[i], "other", hash, [TokenRole.Consumer], ["*"], Scenario.Start, null, null);
            await _host.Tokens.CreateAsync(token, default);
        }
        var subscriptions = new List<string>();
        for (var i = 0; i < 20; i++)
        {
            var subscription = SubscriptionScenario.Of();
            await _host.Subscriptions.CreateAsync(subscription, default);
            subscriptions.Add(subscription.Id);
        }
        return new FuzzTargets(tokens, runs, others, deliveries, subscriptions) { Now = _host.Time.GetUtcNow() };
    }
}
