using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Http;

namespace QuantaPilot.Api.Limits;

/// <summary>Where a request comes from, for counting.</summary>
internal static class ClientAddress
{
    private const string ForwardedFor = "X-Forwarded-For";
    private const string Unknown = "unknown";

    /// <summary>
    /// The address that the connection has, or that the outermost trusted proxy saw. Whatever stands further left in the
    /// header the client may have written itself. IPv6 is cut to its /64, since whoever has one address has all of these.
    /// </summary>
    public static string Of(HttpContext context, int trustedProxies)
    {
        var address = Forwarded(context, trustedProxies) ?? context.Connection.RemoteIpAddress;
        if (address is null) return Unknown;
        if (address.IsIPv4MappedToIPv6) address = address.MapToIPv4();
        if (address.AddressFamily != AddressFamily.InterNetworkV6) return address.ToString();
        Span<byte> bytes = stackalloc byte[16];
        address.TryWriteBytes(bytes, out _);
        bytes[8..].Clear();
        return new IPAddress(bytes).ToString();
    }

    private static IPAddress? Forwarded(HttpContext context, int trustedProxies)
    {
        if (trustedProxies == 0) return null;
        var hops = string.Join(',', context.Request.Headers[ForwardedFor].AsEnumerable()).Split(',', StringSplitOptions.TrimEntries);
        // Some front ends append the port as well.
        return hops.Length >= trustedProxies && IPEndPoint.TryParse(hops[^trustedProxies], out var hop) ? hop.Address : null;
    }
}
