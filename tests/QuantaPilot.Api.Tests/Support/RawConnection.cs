using System.Net.Sockets;
using System.Text;

namespace QuantaPilot.Api.Tests.Support;

/// <summary>A connection that sends what no HTTP client would.</summary>
internal sealed class RawConnection : IDisposable
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(60);
    private readonly Socket _socket;
    private readonly StringBuilder _received = new();

    private RawConnection(Socket socket) => _socket = socket;

    /// <param name="url">The server's.</param>
    /// <param name="receiveBuffer">How many bytes the system takes in for a reader that takes none; its own choice if null.</param>
    public static async Task<RawConnection> OpenAsync(string url, int? receiveBuffer = null)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        if (receiveBuffer is { } size) socket.ReceiveBufferSize = size;
        var uri = new Uri(url);
        await socket.ConnectAsync(uri.Host, uri.Port);
        return new RawConnection(socket);
    }

    public async Task SendAsync(string text) => await SendAsync(Encoding.Latin1.GetBytes(text));

    /// <summary>Sends as much as the server takes.</summary>
    public async Task SendAsync(byte[] bytes)
    {
        try
        {
            for (var sent = 0; sent < bytes.Length;) sent += await _socket.SendAsync(bytes.AsMemory(sent));
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // Hung up on: what it has answered before that is what counts.
        }
    }

    /// <summary>All that was received up to and with a text, or up to the end if it does not come.</summary>
    public async Task<string> ReadUntilAsync(string? text)
    {
        using var late = new CancellationTokenSource(_patience);
        var buffer = new byte[4096];
        while (text is null || !_received.ToString().Contains(text, StringComparison.Ordinal))
        {
            int read;
            try
            {
                read = await _socket.ReceiveAsync(buffer, late.Token);
            }
            catch (SocketException)
            {
                read = 0;
            }
            if (read == 0) break;
            _received.Append(Encoding.UTF8.GetString(buffer, 0, read));
        }
        return _received.ToString();
    }

    /// <summary>All that was received until the server hung up.</summary>
    public Task<string> ReadToEndAsync() => ReadUntilAsync(null);

    public void Dispose() => _socket.Dispose();
}
