using System.Text.Json;
using Microsoft.DurableTask;

namespace QuantaPilot.Functions.Durable;

/// <summary>
/// External events with the semantics of <see cref="Core.Orchestrations.IOrchestrationContext"/>. Durable Task gives an
/// event to the newest wait of its name, also to one that was cancelled, where it is lost. So at most one of its waits is
/// open per name, it is never cancelled, and events are handed on from here: in order of the calls, to live waits only.
/// </summary>
internal sealed class ExternalEvents(TaskOrchestrationContext context)
{
    private readonly Dictionary<string, Mailbox> _mailboxes = new(StringComparer.OrdinalIgnoreCase);

    /// <exception cref="OperationCanceledException">The token was cancelled first; no event was consumed.</exception>
    public async Task<TEvent> WaitAsync<TEvent>(string name, CancellationToken cancellationToken)
    {
        if (!_mailboxes.TryGetValue(name, out var mailbox)) _mailboxes.Add(name, mailbox = new Mailbox(context, name));
        var payload = await mailbox.WaitAsync(cancellationToken);
        return payload is { } json ? json.Deserialize<TEvent>(WorkerJson.Options)! : default!;
    }

    /// <summary>Gives events that nobody has consumed to the next execution of this instance, and from now on those that come.</summary>
    public void CarryOver()
    {
        foreach (var mailbox in _mailboxes.Values) mailbox.CarryOver();
    }

    private sealed class Mailbox(TaskOrchestrationContext context, string name)
    {
        private readonly Queue<JsonElement?> _arrived = new();
        private readonly LinkedList<TaskCompletionSource<JsonElement?>> _waits = new();
        private bool _isListening;
        private bool _isCarryingOver;

        public async Task<JsonElement?> WaitAsync(CancellationToken cancellationToken)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (_arrived.TryDequeue(out var payload)) return payload;
            // Continues inside the call that completes it: Durable Task demands that an orchestration stays on its thread.
            var wait = new TaskCompletionSource<JsonElement?>();
            var place = _waits.AddLast(wait);
            using var registration = cancellationToken.UnsafeRegister(_ =>
            {
                if (place.List is null) return;
                _waits.Remove(place);
                wait.SetCanceled(cancellationToken);
            }, null);
            Listen();
            return await wait.Task;
        }

        public void CarryOver()
        {
            _isCarryingOver = true;
            while (_arrived.TryDequeue(out var payload)) SendOn(payload);
        }

        /// <summary>Opens a wait of Durable Task's if somebody waits here. What has arrived there already is handed on at once.</summary>
        private void Listen()
        {
            while (!_isListening && _waits.Count > 0)
            {
                var next = context.WaitForExternalEvent<JsonElement?>(name);
                if (next.IsCompleted) Deliver(next.Result);
                else _ = ListenAsync(next);
            }
        }

        private async Task ListenAsync(Task<JsonElement?> next)
        {
            _isListening = true;
            var payload = await next;
            // Before the delivery: whoever waits next, from inside of it, finds what has arrived already.
            _isListening = false;
            Deliver(payload);
            Listen();
        }

        private void Deliver(JsonElement? payload)
        {
            if (_waits.First is { } first)
            {
                _waits.RemoveFirst();
                first.Value.SetResult(payload);
            }
            else if (_isCarryingOver)
            {
                SendOn(payload);
            }
            else
            {
                _arrived.Enqueue(payload);
            }
        }

        private void SendOn(JsonElement? payload) => context.SendEvent(context.InstanceId, name, payload!);
    }
}
