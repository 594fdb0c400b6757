using System.Collections.Concurrent;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using QuantaPilot.Api.Access;
using QuantaPilot.Api.Http;
using QuantaPilot.Core.Ports;
using QuantaPilot.Core.Runs;
using QuantaPilot.Functions.Tests.Support;
using QuantaPilot.Testing;

namespace QuantaPilot.Functions.Tests;

/// <summary>The app over a storage account that can't be used: what its start and its callers are told.</summary>
public sealed class StorageUnavailableTests
{
    [Fact]
    public async Task Unreachable_IsToldAtTheStartAndToCallers()
    {
        using var port = new ClosedPort();

        await AssertToldAsync(
            UnusableStorage.At(port), isRefusal: false, retryAfter: "5", $"can't be reached at {port.Url}: ConnectionRefused");
    }

    [Fact]
    public async Task RefusedCredentials_AreToldAtTheStartAndToCallers()
    {
        await using var azurite = await Azurite.StartAsync();

        var storage = UnusableStorage.WithWrongKey(azurite.ConnectionString);
        await AssertToldAsync(storage, isRefusal: true, retryAfter: "60", "refuses the credentials or the network of this app: HTTP 403");
    }

    private static async Task AssertToldAsync(string storage, bool isRefusal, string retryAfter, string cause)
    {
        using var log = new LineLog();
        await using var app = AppUnderTest.Compose(storage, log);
        var start = app.GetServices<IHostedService>().OfType<AppStart>().Single();

        var starting = Assert.ThrowsAsync<StorageUnavailableException>(() => start.StartAsync(default));
        var asking = new[] { "ListRuns", "StartRun", "ListGates", "StreamEvents" }.Select(endpoint => AskAsync(app, endpoint)).ToList();

        var fault = await starting;
        Assert.Equal(isRefusal, fault.IsRefusal);
        Assert.Contains(cause, fault.Message, StringComparison.Ordinal);
        Assert.Contains("QuantaPilot__Storage__AccountName", fault.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(UnusableStorage.Key, $"{fault}", StringComparison.Ordinal);
        foreach (var (status, headers, body) in await Task.WhenAll(asking))
        {
            var problem = JsonElement.Parse(body);
            Assert.Equal((503, retryAfter), (status, headers.RetryAfter.ToString()));
            Assert.Equal("application/problem+json", headers.ContentType.ToString());
            Assert.Equal(ErrorCodes.Unavailable, problem.GetProperty("error_code").GetString());
            Assert.Contains("storage of this host is unavailable", problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
            // Where the storage is and what ails it are for the log.
            Assert.DoesNotContain("127.0.0.1", body, StringComparison.Ordinal);
            Assert.DoesNotContain("403", body, StringComparison.Ordinal);
        }
        var told = log.Lines.Where(line => line.StartsWith("3004", StringComparison.Ordinal)).ToList();
        Assert.Equal(4, told.Count);
        Assert.All(told, line => Assert.Contains(cause, line, StringComparison.Ordinal));
        Assert.DoesNotContain(log.Lines, line => line.Contains(UnusableStorage.Key, StringComparison.Ordinal));
    }

    private static async Task<(int Status, IHeaderDictionary Headers, string Body)> AskAsync(ServiceProvider app, string endpoint)
    {
        using var body = new MemoryStream();
        var context = new DefaultHttpContext { RequestServices = app };
        context.Request.Method = endpoint == "StartRun" ? "POST" : "GET";
        context.Request.Headers.Authorization = $"Bearer {BearerToken.Create()}";
        context.Response.Body = body;

        await app.GetRequiredService<ApiEndpoints>().InvokeAsync(endpoint, context);

        return (context.Response.StatusCode, context.Response.Headers, System.Text.Encoding.UTF8.GetString(body.ToArray()));
    }

    /// <summary>Log lines with their event ids and exceptions.</summary>
    private sealed class LineLog : ILoggerProvider, ILogger
    {
        public ConcurrentQueue<string> Lines { get; } = [];

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Lines.Enqueue($"{eventId.Id} {formatter(state, exception)} {exception}");

        public void Dispose()
        {
        }
    }
}
