using System.Net;
using System.Net.Sockets;
using System.Text.RegularExpressions;

namespace QuantaPilot.Testing;

/// <summary>Connection strings of storage accounts that can't be used.</summary>
public static partial class UnusableStorage
{
    /// <summary>A well-formed key, and no account's.</summary>
    public const string Key = "bm8gYWNjb3VudCBoYXMgdGhpcyBrZXkgcGxhbnRlZC01dXAzcg==";

    /// <summary>The account with a key that is not its own.</summary>
    public static string WithWrongKey(string connectionString) => AccountKey().Replace(connectionString, $"AccountKey={Key}");

    /// <summary>An account at a port of loopback at which nobody listens.</summary>
    public static string At(ClosedPort port) =>
        $"DefaultEndpointsProtocol=http;AccountName=nobody;AccountKey={Key};"
        + $"BlobEndpoint={port.Url}/nobody;QueueEndpoint={port.Url}/nobody;TableEndpoint={port.Url}/nobody;";

    [GeneratedRegex("AccountKey=[^;]*")]
    private static partial Regex AccountKey();
}

/// <summary>A port of loopback that is taken and at which nobody listens, so that every connection to it is refused.</summary>
public sealed class ClosedPort : IDisposable
{
    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);

    public ClosedPort() => _socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));

    public string Url => $"http://127.0.0.1:{((IPEndPoint)_socket.LocalEndPoint!).Port}";

    public void Dispose() => _socket.Dispose();
}
