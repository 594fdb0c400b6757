using System.Net;
using System.Net.Sockets;
using QuantaPilot.Core.Subscriptions;

namespace QuantaPilot.Integrations.Webhooks;

/// <summary>
/// Opens the connections of webhooks. A name is resolved here, once for each connection, and the connection goes to an
/// address that was checked: a name that stands for another address a moment later (DNS rebinding) gains nothing.
/// </summary>
/// <param name="targets">Which hosts are allowed by name.</param>
/// <param name="resolve">Gives the addresses of a name or of an address in text.</param>
internal sealed class WebhookConnector(WebhookTargets targets, AddressResolver resolve)
{
    /// <exception cref="AddressRefusedException">The name stands for no address that is allowed.</exception>
    /// <exception cref="SocketException">There is no such name, or nothing listens there.</exception>
    public async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        var (host, port) = (context.DnsEndPoint.Host, context.DnsEndPoint.Port);
        var addresses = await resolve(host, cancellationToken);
        var allowed = targets.IsAllowedByName(host) ? addresses : [.. addresses.Where(PublicAddress.IsPublic)];
        if (allowed.Length == 0)
            throw addresses.Length > 0 ? new AddressRefusedException() : new SocketException((int)SocketError.HostNotFound);
        for (var i = 0; ; i++)
        {
            var socket = new Socket(allowed[i].AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            try
            {
                await socket.ConnectAsync(new IPEndPoint(allowed[i], port), cancellationToken);
                return new NetworkStream(socket, ownsSocket: true);
            }
            catch (SocketException) when (i < allowed.Length - 1)
            {
                // The next one may answer.
                socket.Dispose();
            }
            catch
            {
                socket.Dispose();
                throw;
            }
        }
    }
}

/// <summary>The addresses of a host.</summary>
internal delegate Task<IPAddress[]> AddressResolver(string host, CancellationToken cancellationToken);

/// <summary>A name stands for no address that webhooks may go to.</summary>
internal sealed class AddressRefusedException() : Exception("The host has no address that is allowed.");
