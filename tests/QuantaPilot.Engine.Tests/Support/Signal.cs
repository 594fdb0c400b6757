namespace QuantaPilot.Engine.Tests.Support;

/// <summary>Something that a test waits for, or lets go on.</summary>
internal sealed class Signal
{
    private readonly TaskCompletionSource _source = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public void Set() => _source.TrySetResult();

    public Task WaitAsync(CancellationToken cancellationToken = default) => _source.Task.WaitAsync(EngineHost.Patience, cancellationToken);
}
