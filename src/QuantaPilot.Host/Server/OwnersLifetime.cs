using Microsoft.Extensions.Hosting;

namespace QuantaPilot.Host.Server;

/// <summary>
/// Leaves it to whoever started the server when it stops. The framework's own lifetime would stop it at SIGINT and SIGTERM
/// by itself, under the feet of a program that still works with it.
/// </summary>
internal sealed class OwnersLifetime : IHostLifetime
{
    public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
