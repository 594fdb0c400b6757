using System.Text.Json;

namespace QuantaPilot.Engine.Execution;

/// <summary>Per event name, either payloads that nobody has asked for yet or waits that nothing has come for yet.</summary>
internal sealed class ExternalEvents(JsonSerializerOptions json, TurnSynchronizationContext turn)
{
    private readonly Dictionary<string, Channel> _channels = new(StringComparer.OrdinalIgnoreCase);

    public bool HasWaits => _channels.Values.Any(channel => channel.Waits.Count > 0);

    /// <summary>What was received and not consumed, per name in order of arrival.</summary>
    public IEnumerable<EventReceived> Unconsumed =>
        _channels.SelectMany(pair => pair.Value.Arrived.Select(payload => new EventReceived(pair.Key, payload)));

    public void Deliver(EventReceived message)
    {
        var channel = GetChannel(message.Name);
        if (channel.Waits.First is not { } first)
        {
            channel.Arrived.Enqueue(message.Payload);
            return;
        }
        channel.Waits.Remove(first);
        first.Value.Complete(message.Payload, json);
    }

    public Task<T> WaitAsync<T>(string name, CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested) return Task.FromCanceled<T>(cancellationToken);
        var channel = GetChannel(name);
        var wait = new Wait<T>();
        if (channel.Arrived.TryDequeue(out var payload))
        {
            wait.Complete(payload, json);
            return wait.Task;
        }
        var node = channel.Waits.AddLast(wait);
        wait.Registration = cancellationToken.UnsafeRegister(_ => Cancel(channel, node, wait, cancellationToken), null);
        return wait.Task;
    }

    private void Cancel<T>(Channel channel, LinkedListNode<Wait> node, Wait<T> wait, CancellationToken token)
    {
        if (!turn.IsOnTurn()) return;
        channel.Waits.Remove(node);
        wait.Cancel(token);
    }

    private Channel GetChannel(string name)
    {
        if (!_channels.TryGetValue(name, out var channel)) _channels.Add(name, channel = new Channel());
        return channel;
    }

    private sealed class Channel
    {
        public Queue<JsonPayload> Arrived { get; } = new();

        public LinkedList<Wait> Waits { get; } = new();
    }

    private abstract class Wait
    {
        public CancellationTokenRegistration Registration { get; set; }

        public abstract void Complete(JsonPayload payload, JsonSerializerOptions json);
    }

    private sealed class Wait<T> : Wait
    {
        private readonly TaskCompletionSource<T> _source = new();

        public Task<T> Task => _source.Task;

        public override void Complete(JsonPayload payload, JsonSerializerOptions json)
        {
            Registration.Dispose();
            T value;
            try
            {
                value = payload.To<T>(json);
            }
            catch (JsonException e)
            {
                _source.SetException(e);
                return;
            }
            _source.SetResult(value);
        }

        public void Cancel(CancellationToken token) => _source.SetCanceled(token);
    }
}
