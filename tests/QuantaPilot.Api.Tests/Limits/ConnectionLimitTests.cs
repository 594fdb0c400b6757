using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using QuantaPilot.Api.Tests.Support;
using QuantaPilot.Core.Ports;
using QuantaPilot.Host.Server;

namespace QuantaPilot.Api.Tests.Limits;

/// <summary>What the standalone host's web server takes from a connection, shown on real sockets.</summary>
public sealed class ConnectionLimitTests : IDisposable
{
    private readonly TempDirectory _directory = new();
    private readonly FakeTimeProvider _time = new(Scenario.Start);

    [Fact]
    public async Task Headers_ThatDoNotEnd_EndTheConnection()
    {
        await using var server = await StartAsync(new ConnectionLimits { HeadersTimeout = TimeSpan.FromSeconds(1) });
        using var connection = await RawConnection.OpenAsync(server.Url);

        await connection.SendAsync("GET /healthz HTTP/1.1\r\nHost: h\r\nX-Slow: ");

        Assert.StartsWith("HTTP/1.1 408 ", await connection.ReadToEndAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Body_ThatDoesNotCome_EndsTheRequestWithAProblem()
    {
        await using var server = await StartAsync(new ConnectionLimits { SlowBodyTimeout = TimeSpan.FromSeconds(1.5) });
        using var connection = await RawConnection.OpenAsync(server.Url);

        await connection.SendAsync(Post(server, "Content-Length: 100\r\n") + "{");

        var answer = await connection.ReadToEndAsync();
        Assert.StartsWith("HTTP/1.1 408 ", answer, StringComparison.Ordinal);
        Assert.Contains("application/problem+json", answer, StringComparison.Ordinal);
        Assert.Contains("\"error_code\":\"invalid_request\"", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Connection_LeftIdle_IsClosed()
    {
        await using var server = await StartAsync(new ConnectionLimits { IdleTimeout = TimeSpan.FromSeconds(1) });
        using var connection = await RawConnection.OpenAsync(server.Url);

        await connection.SendAsync("GET /healthz HTTP/1.1\r\nHost: h\r\n\r\n");

        Assert.StartsWith("HTTP/1.1 200 ", await connection.ReadToEndAsync(), StringComparison.Ordinal);
    }

    public static TheoryData<string, string, int> TooMuch() => new()
    {
        { "a long line", $"GET /runs?cursor={new string('x', 9_000)} HTTP/1.1\r\nHost: h\r\n\r\n", 414 },
        { "many headers", $"GET /healthz HTTP/1.1\r\nHost: h\r\n{string.Concat(Enumerable.Repeat("X: y\r\n", 64))}\r\n", 431 },
        { "a long header", $"GET /healthz HTTP/1.1\r\nHost: h\r\nX-Long: {new string('y', 17_000)}\r\n\r\n", 431 },
        { "no host", "GET /healthz HTTP/1.1\r\n\r\n", 400 },
        { "a bare line feed in a value", "GET /healthz HTTP/1.1\r\nHost: h\r\nX: a\nb\r\n\r\n", 400 },
        { "two lengths", "POST /run HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}", 400 },
        { "an unknown transfer coding", "POST /run HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: gzip\r\nContent-Length: 3\r\n\r\n{}", 400 },
        { "TLS", "\u0016\u0003\u0001\u0002\0\u0001\0\u0001\u00fc\u0003\u0003\r\n\r\n", 400 },
    };

    [Theory]
    [MemberData(nameof(TooMuch))]
    public async Task Request_TheServerItselfRefuses_GetsItsStatusAndNothingMore(string what, string request, int status)
    {
        await using var server = await StartAsync(new ConnectionLimits());
        using var connection = await RawConnection.OpenAsync(server.Url);

        await connection.SendAsync(request);

        var answer = await connection.ReadToEndAsync();
        Assert.True(answer.StartsWith($"HTTP/1.1 {status} ", StringComparison.Ordinal), $"{what}: {answer}");
        Assert.EndsWith("\r\n\r\n", answer, StringComparison.Ordinal);
        Assert.DoesNotContain("Server:", answer, StringComparison.OrdinalIgnoreCase);
    }

    [Theory]
    [InlineData("Content-Length: 65537\r\n", 0)]
    [InlineData("Content-Length: 10000000\r\n", 0)]
    [InlineData("Transfer-Encoding: chunked\r\n", 70_000)]
    [InlineData("Transfer-Encoding: chunked\r\n", 3_000_000)]
    public async Task Body_TooLarge_IsAnsweredWith413(string length, int sent)
    {
        await using var server = await StartAsync(new ConnectionLimits());
        using var connection = await RawConnection.OpenAsync(server.Url);

        await connection.SendAsync(Post(server, length));
        var sending = connection.SendAsync(sent == 0 ? "" : $"{sent:x}\r\n{new string('x', sent)}\r\n");

        var answer = await connection.ReadUntilAsync("payload_too_large");
        Assert.StartsWith("HTTP/1.1 413 ", answer, StringComparison.Ordinal);
        Assert.Contains("application/problem+json", answer, StringComparison.Ordinal);
        Assert.Contains("payload_too_large", answer, StringComparison.Ordinal);
        connection.Dispose();
        await sending;
    }

    [Fact]
    public async Task Connections_OverTheLimit_AreClosedUntilOneIsFree()
    {
        await using var server = await StartAsync(new ConnectionLimits { MaxConnections = 2 });
        using var first = await RawConnection.OpenAsync(server.Url);
        using var second = await RawConnection.OpenAsync(server.Url);
        foreach (var connection in new[] { first, second })
        {
            await connection.SendAsync("GET /healthz HTTP/1.1\r\nHost: h\r\n\r\n");
            Assert.Contains("\"ok\"", await connection.ReadUntilAsync("}"), StringComparison.Ordinal);
        }

        Assert.False(await IsServedAsync(server));

        first.Dispose();
        while (!await IsServedAsync(server)) await Task.Yield();
        await second.SendAsync("GET /readyz HTTP/1.1\r\nHost: h\r\n\r\n");
        Assert.Contains("\"ok\"", await second.ReadUntilAsync("}"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Stream_WhoseReaderTakesNothing_IsGivenUp()
    {
        await using var server = await StartAsync(new ConnectionLimits { MaxConnections = 1 });
        var store = server.Services.GetRequiredService<IRunStore>();
        var run = Scenario.Run();
        await store.CreateAsync(run, default);
        // More than the system holds for a reader.
        await store.AppendAsync(run.RunId, [Scenario.Started(), .. Enumerable.Range(2, 10_000).Select(i => Scenario.Tick(i))], default);
        using var reader = await RawConnection.OpenAsync(server.Url, receiveBuffer: 4096);

        await reader.SendAsync(
            $"GET /runs/{run.RunId}/events HTTP/1.1\r\nHost: h\r\nAccept: text/event-stream\r\n"
            + $"Authorization: Bearer {server.AdminToken}\r\n\r\n");
        Assert.StartsWith("HTTP/1.1 200 ", await reader.ReadUntilAsync("id: 1\n"), StringComparison.Ordinal);

        // Its connection is the only one that there may be: others are served once it has been given up.
        while (!await IsServedAsync(server)) _time.Advance(TimeSpan.FromSeconds(10));
        Assert.DoesNotContain("id: 10001\n", await reader.ReadToEndAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Garbage_OfAnyKind_LeavesTheServerServing()
    {
        await using var server = await StartAsync(new ConnectionLimits { HeadersTimeout = TimeSpan.FromSeconds(1) });
        for (var seed = 0; seed < 200; seed++)
        {
            var random = new Random(seed);
            var bytes = new byte[random.Next(1, 2_000)];
            random.NextBytes(bytes);
            using var connection = await RawConnection.OpenAsync(server.Url);
            await connection.SendAsync([.. random.Next(2) == 0 ? "GET /runs HTTP/1.1\r\n"u8 : [], .. bytes, .. "\r\n\r\n"u8]);
            var answer = await connection.ReadToEndAsync();
            Assert.True(answer.Length == 0 || answer.StartsWith("HTTP/1.1 4", StringComparison.Ordinal), $"seed {seed}: {answer}");
        }

        Assert.True(await IsServedAsync(server));
    }

    public void Dispose() => _directory.Dispose();

    private static string Post(QuantaPilotServer server, string headers) =>
        $"POST /run HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer {server.AdminToken}\r\nContent-Type: application/json\r\n{headers}\r\n";

    private static async Task<bool> IsServedAsync(QuantaPilotServer server)
    {
        using var connection = await RawConnection.OpenAsync(server.Url);
        await connection.SendAsync("GET /healthz HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
        return (await connection.ReadToEndAsync()).StartsWith("HTTP/1.1 200 ", StringComparison.Ordinal);
    }

    private Task<QuantaPilotServer> StartAsync(ConnectionLimits limits) => QuantaPilotServer.StartAsync(
        new ServerOptions
        {
            DataDirectory = _directory.Path,
            Url = "http://127.0.0.1:0",
            Connections = limits,
            ConfigureServices = services =>
            {
                services.AddSingleton<TimeProvider>(_time);
                services.AddLogging(logging => logging.ClearProviders());
            },
        },
        default);
}
