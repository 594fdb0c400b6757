using System.Text.Json;

namespace QuantaPilot.Engine.Execution;

/// <summary>An action whose answer is awaited.</summary>
internal abstract class PendingTask(ScheduledEvent action)
{
    public ScheduledEvent Action { get; } = action;

    public abstract void Complete(JsonPayload result);

    public abstract void Fail(Exception error);
}

/// <summary>A call of an activity or sub-orchestration.</summary>
internal sealed class PendingCall<T>(ScheduledEvent action, JsonSerializerOptions json) : PendingTask(action)
{
    // Continuations run inline, on the thread of the turn: the asynchronous kind would hand WhenAll and WhenAny to the thread pool.
    private readonly TaskCompletionSource<T> _source = new();

    public Task<T> Task => _source.Task;

    public override void Complete(JsonPayload result)
    {
        T value;
        try
        {
            value = result.To<T>(json);
        }
        catch (JsonException e)
        {
            _source.SetException(e);
            return;
        }
        _source.SetResult(value);
    }

    public override void Fail(Exception error) => _source.SetException(error);
}

/// <summary>A timer that has neither fired nor been cancelled.</summary>
internal sealed class PendingTimer(TimerCreated action) : PendingTask(action)
{
    private readonly TaskCompletionSource _source = new();

    public DateTimeOffset FireAt => ((TimerCreated)Action).FireAt;

    public CancellationTokenRegistration Registration { get; set; }

    public Task Task => _source.Task;

    public override void Complete(JsonPayload result)
    {
        Registration.Dispose();
        _source.SetResult();
    }

    public override void Fail(Exception error) => _source.SetException(error);

    public void Cancel(CancellationToken token) => _source.SetCanceled(token);
}
