using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace QuantaPilot.Host.Server;

/// <summary>
/// What a connection may ask of the standalone host, and for how long. What goes beyond is refused by the web server itself,
/// before any of the API's code runs.
/// </summary>
public sealed record ConnectionLimits
{
    /// <summary>
    /// Above the API's own 64 KiB, so that a client that oversteps these reads its 413 instead of a reset connection.
    /// </summary>
    private const int MaxBodyBytes = 1024 * 1024;

    /// <summary>The longest path is a run, a gate and a cursor.</summary>
    private const int MaxRequestLineBytes = 8 * 1024;

    /// <summary>A token and a key take 300 bytes; the rest is for what proxies add.</summary>
    private const int MaxHeaderBytes = 16 * 1024;

    private const int MaxHeaders = 64;

    /// <summary>Slower than any network that is of use: what comes slower holds a connection and means to.</summary>
    private const double MinBytesPerSecond = 240;

    /// <summary>How many may be open at once, streams among them; more are closed at once. At least 1. Default: 10,000.</summary>
    public long MaxConnections { get; init; } = 10_000;

    /// <summary>How long the headers of a request may take. Default: 15 s.</summary>
    public TimeSpan HeadersTimeout { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>How long a body may come at less than 240 bytes a second. Over 1 s. Default: 5 s.</summary>
    public TimeSpan SlowBodyTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How long a connection is kept between two requests. Default: 130 s, over twice the longest wait of a client.</summary>
    public TimeSpan IdleTimeout { get; init; } = TimeSpan.FromSeconds(130);

    /// <exception cref="ArgumentOutOfRangeException">A limit is out of its range.</exception>
    internal void ApplyTo(KestrelServerOptions kestrel)
    {
        kestrel.AddServerHeader = false;
        var limits = kestrel.Limits;
        limits.MaxRequestBodySize = MaxBodyBytes;
        limits.MaxRequestLineSize = MaxRequestLineBytes;
        limits.MaxRequestHeadersTotalSize = MaxHeaderBytes;
        limits.MaxRequestHeaderCount = MaxHeaders;
        limits.MaxConcurrentConnections = MaxConnections;
        limits.RequestHeadersTimeout = HeadersTimeout;
        limits.KeepAliveTimeout = IdleTimeout;
        limits.MinRequestBodyDataRate = new MinDataRate(MinBytesPerSecond, SlowBodyTimeout);
    }
}
