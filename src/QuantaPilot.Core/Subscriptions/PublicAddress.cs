using System.Net;
using System.Net.Sockets;

namespace QuantaPilot.Core.Subscriptions;

/// <summary>Tells addresses of the public internet from those that lead to this machine, its network or nowhere.</summary>
public static class PublicAddress
{
    /// <summary>
    /// Not globally reachable by https://www.iana.org/assignments/iana-ipv4-special-registry, and multicast, reserved and
    /// broadcast addresses; the last is Azure's platform as virtual machines see it
    /// (https://learn.microsoft.com/azure/virtual-network/what-is-ip-address-168-63-129-16).
    /// </summary>
    private static readonly IPNetwork[] _refused4 = Parse(
        "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24",
        "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4",
        "168.63.129.16/32");

    /// <summary>
    /// All that is assigned for global unicast. Outside of it are loopback, link-local, unique-local and multicast addresses, and
    /// those with an IPv4 address in them: mapped (::ffff:0:0/96), compatible (::/96) and NAT64 (64:ff9b::/96, 64:ff9b:1::/48).
    /// </summary>
    private static readonly IPNetwork _global6 = IPNetwork.Parse("2000::/3");

    /// <summary>
    /// What of it is not globally reachable by https://www.iana.org/assignments/iana-ipv6-special-registry, or has an IPv4 address
    /// in it: protocol assignments with Teredo, documentation, 6to4.
    /// </summary>
    private static readonly IPNetwork[] _refused6 = Parse("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20");

    public static bool IsPublic(IPAddress address) => address.AddressFamily switch
    {
        AddressFamily.InterNetwork => !_refused4.Any(network => network.Contains(address)),
        // Asked for by itself: networks of either family hold such addresses by their last four bytes (.NET 10).
        AddressFamily.InterNetworkV6 when address.IsIPv4MappedToIPv6 => false,
        AddressFamily.InterNetworkV6 => _global6.Contains(address) && !_refused6.Any(network => network.Contains(address)),
        _ => false,
    };

    private static IPNetwork[] Parse(params string[] networks) => [.. networks.Select(network => IPNetwork.Parse(network))];
}
