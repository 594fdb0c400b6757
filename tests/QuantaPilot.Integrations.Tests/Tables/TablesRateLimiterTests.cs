using Azure.Core;
using Azure.Core.Pipeline;
using Azure.Data.Tables;
using Azure.Storage.Blobs;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using QuantaPilot.Core.Ports;
using QuantaPilot.Integrations.Tables;

namespace QuantaPilot.Integrations.Tests.Tables;

public sealed class TablesRateLimiterTests(TablesRateLimiterTests.Account azurite) : IClassFixture<TablesRateLimiterTests.Account>
{
    private static readonly RateLimit _limit = new("reads", 60, TimeSpan.FromMinutes(1), 60);

    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
    private readonly string _prefix = "T" + Guid.NewGuid().ToString("N")[..20];
    private readonly CountingPolicy _requests = new();

    [Fact]
    public async Task Take_TwoInstances_ShareOneCount()
    {
        await using var first = Create();
        await using var second = Create();

        var allowed = 0;
        for (var i = 0; i < 100; i++)
        {
            if ((await TakeAsync(first)).Allowed) allowed++;
            if ((await TakeAsync(second)).Allowed) allowed++;
        }
        Assert.Equal(60, allowed);

        _time.Advance(TimeSpan.FromSeconds(10));
        for (var i = 0; i < 100; i++)
        {
            if ((await TakeAsync(first)).Allowed) allowed++;
            if ((await TakeAsync(second)).Allowed) allowed++;
        }
        Assert.Equal(70, allowed);
    }

    [Fact]
    public async Task Take_ManyInstancesAtOnce_AllowTheBurstTogether()
    {
        var instances = Enumerable.Range(0, 4).Select(_ => Create()).ToList();

        var answers = await Task.WhenAll(instances.SelectMany(instance =>
            Enumerable.Range(0, 60).Select(_ => Task.Run(async () => await TakeAsync(instance)))));

        Assert.Equal(60, answers.Count(answer => answer.Allowed));
        foreach (var instance in instances) await instance.DisposeAsync();
    }

    [Fact]
    public async Task Take_InOneGo_AsksTheTableForManyAtOnceAndNotForRefusals()
    {
        var limit = new RateLimit("reads", 6000, TimeSpan.FromMinutes(1), 6000);
        await using var limiter = Create();
        await limiter.TakeAsync("warm", limit, _time.GetUtcNow(), default);
        _requests.Reset();

        for (var i = 1; i <= 6000; i++)
        {
            var answer = await limiter.TakeAsync("key", limit, _time.GetUtcNow(), default);
            Assert.Equal((true, 6000 - i), (answer.Allowed, answer.Remaining));
        }
        Assert.Equal(20, _requests.Count);

        for (var i = 0; i < 1000; i++) Assert.False((await limiter.TakeAsync("key", limit, _time.GetUtcNow(), default)).Allowed);
        Assert.Equal(20, _requests.Count);
    }

    [Fact]
    public async Task Take_NowAndThen_CostsOneRequestToTheTable()
    {
        await using var limiter = Create();
        await TakeAsync(limiter);
        _requests.Reset();

        for (var i = 0; i < 9; i++)
        {
            _time.Advance(TimeSpan.FromSeconds(30));
            Assert.True((await TakeAsync(limiter)).Allowed);
        }

        Assert.Equal(9, _requests.Count);
    }

    [Fact]
    public async Task Take_PermitsThatWereReservedAndNotUsed_ComeBackAndAreNotUsedTwice()
    {
        await using var idle = Create();
        await using var busy = Create();
        Assert.True((await TakeAsync(idle)).Allowed); // took 3 from the shared count

        _time.Advance(TimeSpan.FromSeconds(3));
        var allowed = 0;
        for (var i = 0; i < 100; i++)
        {
            if ((await TakeAsync(busy)).Allowed) allowed++;
        }

        Assert.Equal(60, allowed);
        Assert.False((await TakeAsync(idle)).Allowed);
    }

    [Fact]
    public async Task Take_RefusedKey_TellsWhenAPermitIsBackAndThenGivesIt()
    {
        await using var limiter = Create();
        RateLimitAnswer answer;
        do answer = await TakeAsync(limiter);
        while (answer.Allowed);
        Assert.Equal((TimeSpan.FromSeconds(1), 0, TimeSpan.FromMinutes(1)), (answer.RetryAfter, answer.Remaining, answer.Reset));

        _time.Advance(answer.RetryAfter);

        Assert.True((await TakeAsync(limiter)).Allowed);
        Assert.False((await TakeAsync(limiter)).Allowed);
    }

    [Fact]
    public async Task Take_WhileTheStorageIsAway_CountsAloneWithALogLineAndSharesAgainOnceItIsBack()
    {
        var log = new RecordingLogger();
        await using var limiter = Create(log);
        await using var other = Create();
        Assert.True((await TakeAsync(limiter)).Allowed);
        _requests.Fault = new IOException("away");

        _time.Advance(TimeSpan.FromMinutes(1));
        var allowed = 0;
        for (var i = 0; i < 100; i++)
        {
            if ((await TakeAsync(limiter)).Allowed) allowed++;
        }
        Assert.Equal(60, allowed);
        Assert.Single(log.Lines);

        _requests.Fault = null;
        _time.Advance(TimeSpan.FromSeconds(10));
        Assert.True((await TakeAsync(limiter)).Allowed);

        // What was counted alone is in the shared count now: 10 permits are back, and 1 to 3 of them are taken.
        var shared = 0;
        for (var i = 0; i < 100; i++)
        {
            if ((await TakeAsync(other)).Allowed) shared++;
        }
        Assert.InRange(shared, 7, 9);
    }

    [Fact]
    public async Task Take_WithoutAStorage_IsNotHeldUp()
    {
        var log = new RecordingLogger();
        // Nobody listens there, and the client's own retries would take seconds.
        var nowhere = azurite.ConnectionString.Replace("http://127.0.0.1", "http://127.0.0.2", StringComparison.Ordinal);
        await using var limiter = new TablesRateLimiter(Storage(nowhere), TimeProvider.System, log);

        var clock = System.Diagnostics.Stopwatch.StartNew();
        for (var i = 0; i < 50; i++) Assert.True((await limiter.TakeAsync($"key {i}", _limit, DateTimeOffset.UtcNow, default)).Allowed);

        Assert.InRange(clock.Elapsed.TotalSeconds, 0, 5);
        Assert.Single(log.Lines);
    }

    [Fact]
    public async Task Take_AMillionKeys_StaysWithinItsMemory()
    {
        // Without a storage, which would only slow it down: keys are remembered all the same.
        using var port = new ClosedPort();
        await using var limiter = new TablesRateLimiter(
            Storage(UnusableStorage.At(port)), TimeProvider.System, CheckedLogger.For<TablesRateLimiter>());
        await TakeAsync(limiter);
        var before = GC.GetTotalMemory(forceFullCollection: true);

        for (var i = 0; i < 1_000_000; i++)
        {
            var answer = await limiter.TakeAsync($"192.0.{i >> 16}.{i & 0xffff}", _limit, _time.GetUtcNow(), default);
            Assert.True(answer.Allowed);
            if (i % 1000 == 0) Assert.InRange(limiter.Count, 1, TablesRateLimiter.MaxSlots);
        }

        var used = GC.GetTotalMemory(forceFullCollection: true) - before;
        Assert.True(used < 100 * 1024 * 1024, $"{used} bytes");
    }

    [Fact]
    public async Task Sweep_Rows_RemovesThoseThatHaveRunOut()
    {
        await using var limiter = Create();
        for (var i = 0; i < 30; i++) await limiter.TakeAsync($"192.0.2.{i}", _limit, _time.GetUtcNow(), default);
        _time.Advance(TimeSpan.FromMinutes(15.5));
        await limiter.TakeAsync("192.0.2.0", _limit, _time.GetUtcNow(), default);
        await limiter.TakeAsync("192.0.2.200", _limit, _time.GetUtcNow(), default);

        await Task.WhenAll(limiter.SweepAsync(default), limiter.SweepAsync(default));

        var rows = new TableServiceClient(azurite.ConnectionString).GetTableClient(_prefix + "RateLimits").Query<TableEntity>().ToList();
        Assert.Equal(2, rows.Count);
        var stored = string.Join(' ', rows.SelectMany(row => row).Select(column => $"{column.Value}"));
        Assert.DoesNotContain("192.0.2", stored, StringComparison.Ordinal);
        Assert.True((await limiter.TakeAsync("192.0.2.5", _limit, _time.GetUtcNow(), default)).Allowed);
    }

    private TablesRateLimiter Create(ILogger<TablesRateLimiter>? logger = null)
    {
        var options = new TableClientOptions { Retry = { MaxRetries = 0 } };
        options.AddPolicy(_requests, HttpPipelinePosition.PerCall);
        return new TablesRateLimiter(Storage(azurite.ConnectionString, options), _time, logger ?? CheckedLogger.For<TablesRateLimiter>());
    }

    private TablesStorage Storage(string connectionString, TableClientOptions? options = null) => new(
        new TablesOptions { ConnectionString = connectionString, TablePrefix = _prefix }, options
            ?? new TableClientOptions(), new BlobClientOptions());

    private ValueTask<RateLimitAnswer> TakeAsync(TablesRateLimiter limiter) => limiter.TakeAsync("key", _limit, _time.GetUtcNow(), default);

    public sealed class Account : IAsyncLifetime
    {
        private Azurite? _azurite;

        public string ConnectionString => _azurite!.ConnectionString;

        public async Task InitializeAsync() => _azurite = await Azurite.StartAsync();

        public async Task DisposeAsync() => await _azurite!.DisposeAsync();
    }

    private sealed class CountingPolicy : HttpPipelineSynchronousPolicy
    {
        private int _count;

        public int Count => _count;

        public Exception? Fault { get; set; }

        public void Reset() => _count = 0;

        public override void OnSendingRequest(HttpMessage message)
        {
            if (Fault is { } fault) throw fault;
            Interlocked.Increment(ref _count);
        }
    }

    private sealed class RecordingLogger : ILogger<TablesRateLimiter>
    {
        public List<string> Lines { get; } = [];

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            lock (Lines) Lines.Add(formatter(state, exception));
            CheckedLogger.Instance.Log(logLevel, eventId, state, exception, formatter);
        }
    }
}
