using System.Text.Json;
using Microsoft.DurableTask;

namespace QuantaPilot.Functions.Durable;

/// <summary>
/// External events as Core's port has them: per name in order of arrival, to the waits in order of the calls, and a wait
/// that was cancelled consumes none. Durable Task would give an event to a wait that nobody heeds any more, so at most one
/// of its waits is open per name, and it is never cancelled.
/// </summary>
internal sealed class ExternalEvents(TaskOrchestrationContext context)
{
    private readonly Dictionary<string, Channel> _channels = new(StringComparer.OrdinalIgnoreCase);

    /// <exception cref="OperationCanceledException">The token was cancelled first; no event was consumed.</exception>
    public async Task<T> WaitAsync<T>(string name, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (!_channels.TryGetValue(name, out var channel)) _channels.Add(name, channel = new Channel());
        if (!channel.Arrived.TryDequeue(out var payload))
        {
            var wait = new TaskCompletionSource<JsonElement>();
            var node = channel.Waits.AddLast(wait);
            using var registration = cancellationToken.UnsafeRegister(_ =>
            {
                channel.Waits.Remove(node);
                wait.TrySetCanceled(cancellationToken);
            }, null);
            if (!channel.IsListening) _ = ListenAsync(name, channel);
            payload = await wait.Task;
        }
        return payload.Deserialize<T>(WorkerJson.Options)!;
    }

    /// <summary>Sends what was taken from Durable Task and not consumed to the instance itself, for its next execution.</summary>
    public void HandBack()
    {
        foreach (var (name, channel) in _channels)
        {
            while (channel.Arrived.TryDequeue(out var payload)) context.SendEvent(context.InstanceId, name, payload);
        }
    }

    private async Task ListenAsync(string name, Channel channel)
    {
        channel.IsListening = true;
        while (channel.Waits.Count > 0)
        {
            var payload = await context.WaitForExternalEvent<JsonElement>(name);
            if (channel.Waits.First is { } first)
            {
                channel.Waits.RemoveFirst();
                first.Value.SetResult(payload);
            }
            else
            {
                channel.Arrived.Enqueue(payload);
            }
        }
        channel.IsListening = false;
    }

    private sealed class Channel
    {
        public Queue<JsonElement> Arrived { get; } = new();

        public LinkedList<TaskCompletionSource<JsonElement>> Waits { get; } = new();

        /// <summary>True while one of Durable Task's waits is open.</summary>
        public bool IsListening { get; set; }
    }
}
