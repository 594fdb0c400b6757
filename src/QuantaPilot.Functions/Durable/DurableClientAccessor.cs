using Microsoft.DurableTask.Client;

namespace QuantaPilot.Functions.Durable;

/// <summary>
/// The client of the task hub, for code that is not a function. The Functions host hands it out by binding only; it is the
/// same for every function of the app, so each trigger that has one leaves it here.
/// </summary>
internal sealed class DurableClientAccessor
{
    private volatile DurableTaskClient? _client;

    /// <exception cref="InvalidOperationException">No trigger has been called with a client yet.</exception>
    public DurableTaskClient Client
    {
        get => _client ?? throw new InvalidOperationException("The trigger that led here binds no DurableClient.");
        set => _client = value;
    }
}
