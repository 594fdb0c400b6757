using System.Net;
using Microsoft.AspNetCore.Http;
using QuantaPilot.Api.Limits;

namespace QuantaPilot.Api.Tests.Limits;

public sealed class ClientAddressTests
{
    [Theory]
    [InlineData("192.0.2.1", null, 0, "192.0.2.1")]
    [InlineData("::ffff:192.0.2.1", null, 0, "192.0.2.1")]
    [InlineData("2001:db8:1:2:3:4:5:6", null, 0, "2001:db8:1:2::")]
    [InlineData(null, null, 0, "unknown")]
    [InlineData("192.0.2.1", "198.51.100.7", 0, "192.0.2.1")]
    [InlineData("192.0.2.1", "198.51.100.7", 1, "198.51.100.7")]
    [InlineData("192.0.2.1", "203.0.113.9, 198.51.100.7:4711", 1, "198.51.100.7")]
    [InlineData("192.0.2.1", "203.0.113.9, 198.51.100.7", 2, "203.0.113.9")]
    [InlineData("192.0.2.1", "[2001:db8:1:2:3::4]:4711", 1, "2001:db8:1:2::")]
    [InlineData("192.0.2.1", "198.51.100.7", 2, "192.0.2.1")]
    [InlineData("192.0.2.1", "nonsense", 1, "192.0.2.1")]
    [InlineData("192.0.2.1", "", 1, "192.0.2.1")]
    public void Of_Request_IsWhatTheOutermostTrustedHopSaw(string? connection, string? header, int trustedProxies, string expected)
    {
        var context = new DefaultHttpContext();
        context.Connection.RemoteIpAddress = connection is null ? null : IPAddress.Parse(connection);
        if (header is not null) context.Request.Headers["X-Forwarded-For"] = header;

        Assert.Equal(expected, ClientAddress.Of(context, trustedProxies));
    }

    [Fact]
    public void Of_HeaderInSeveralLines_ReadsThemAsOneList()
    {
        var context = new DefaultHttpContext();
        context.Request.Headers["X-Forwarded-For"] = new[] { "203.0.113.9", "198.51.100.7, 198.51.100.8" };

        Assert.Equal("198.51.100.7", ClientAddress.Of(context, 2));
    }
}
