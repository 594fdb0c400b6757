using System.Text.Json;
using Microsoft.DurableTask;
using QuantaPilot.Core.Orchestrations;

namespace QuantaPilot.Functions.Durable;

/// <summary>Core's port over a Durable Task orchestration.</summary>
internal sealed class DurableOrchestrationContext(TaskOrchestrationContext context) : IOrchestrationContext
{
    private readonly ExternalEvents _events = new(context);

    public string InstanceId => context.InstanceId;

    public DateTimeOffset UtcNow => new(DateTime.SpecifyKind(context.CurrentUtcDateTime, DateTimeKind.Utc));

    public bool IsReplaying => context.IsReplaying;

    // As an element: the Functions worker would read a T with JSON settings of its own, which don't know our names.
    public T GetInput<T>() => context.GetInput<JsonElement>().Deserialize<T>(WorkerJson.Options)!;

    public Guid NewGuid() => context.NewGuid();

    public Task<TResult> CallActivityAsync<TResult>(string name, object? input) =>
        CallAsync(name, context.CallActivityAsync<TResult>(name, input));

    public Task<TEvent> WaitForExternalEventAsync<TEvent>(string name, CancellationToken cancellationToken = default) =>
        _events.WaitAsync<TEvent>(name, cancellationToken);

    public Task CreateTimerAsync(DateTimeOffset fireAt, CancellationToken cancellationToken) =>
        context.CreateTimer(fireAt.UtcDateTime, cancellationToken);

    public Task<TResult> CallSubOrchestrationAsync<TResult>(string name, string instanceId, object? input) =>
        CallAsync(name, context.CallSubOrchestratorAsync<TResult>(name, input, new SubOrchestrationOptions(instanceId: instanceId)));

    public void ContinueAsNew(object? input)
    {
        // What was taken from Durable Task came before what it still holds.
        _events.CarryOver();
        context.ContinueAsNew(input, preserveUnprocessedEvents: true);
    }

    private static async Task<TResult> CallAsync<TResult>(string name, Task<TResult> call)
    {
        try
        {
            return await call;
        }
        catch (TaskFailedException e)
        {
            throw new ActivityFailedException(name, e.FailureDetails.ErrorType, e.FailureDetails.ErrorMessage);
        }
    }
}
