using Microsoft.DurableTask.Client;

namespace QuantaPilot.Functions.Durable;

/// <summary>
/// The client of the task hub, for code that is not a trigger. The Functions host hands it to triggers only, and every
/// trigger gets one over the same connection: each leaves it here before it calls on.
/// </summary>
internal sealed class DurableClientAccessor
{
    private volatile DurableTaskClient? _client;

    /// <exception cref="InvalidOperationException">No trigger has left a client yet.</exception>
    public DurableTaskClient Client
    {
        get => _client ?? throw new InvalidOperationException("The trigger that led here has left no client: it needs a [DurableClient].");
        set => _client = value;
    }
}
