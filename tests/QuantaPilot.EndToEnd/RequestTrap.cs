namespace QuantaPilot.EndToEnd;

/// <summary>Holds a request of a git server until the test lets it go, so that something can happen in the middle of it.</summary>
internal sealed class RequestTrap
{
    private readonly Lock _lock = new();
    private int _passing;
    private TaskCompletionSource? _caught;
    private TaskCompletionSource? _released;

    public RequestTrap(GitHttpServer server) => server.Intercept = async context =>
    {
        if (!IsNext()) return false;
        await GitHttpServer.ReceiveAsync(context);
        await HoldAsync();
        return false;
    };

    /// <summary>How many requests were caught so far.</summary>
    public int Caught { get; private set; }

    /// <summary>Completes when a request has come and is held.</summary>
    /// <param name="passing">How many requests to let pass before.</param>
    public Task CatchAsync(int passing)
    {
        lock (_lock)
        {
            _passing = passing;
            _released = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _caught = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return _caught.Task;
        }
    }

    /// <summary>Lets the request go on, if one is held; none is caught until asked again.</summary>
    public void Release()
    {
        lock (_lock)
        {
            _caught = null;
            _released?.TrySetResult();
        }
    }

    private bool IsNext()
    {
        lock (_lock) return _caught is { Task.IsCompleted: false } && _passing-- == 0;
    }

    private Task HoldAsync()
    {
        lock (_lock)
        {
            // The test may have gone on without it meanwhile.
            if (_caught is null) return Task.CompletedTask;
            Caught++;
            _caught.SetResult();
            return _released!.Task;
        }
    }
}
