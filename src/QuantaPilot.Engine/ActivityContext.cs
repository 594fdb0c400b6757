namespace QuantaPilot.Engine;

/// <summary>What an activity is told about the call.</summary>
public sealed class ActivityContext
{
    internal ActivityContext(string instanceId, int attempt, IActivityInterceptor? interceptor, CancellationToken cancellationToken)
    {
        Interceptor = interceptor;
        InstanceId = instanceId;
        Attempt = attempt;
        CancellationToken = cancellationToken;
    }

    /// <summary>The orchestration instance that called.</summary>
    public string InstanceId { get; }

    /// <summary>
    /// 1 when the call is delivered by the process that scheduled it. 2 when it is delivered again after a restart: it may
    /// have run before, in part or in whole, any number of times.
    /// </summary>
    public int Attempt { get; }

    internal IActivityInterceptor? Interceptor { get; }

    /// <summary>
    /// Cancelled when the instance is terminated or the engine stops; in the latter case the call runs again after the next start.
    /// </summary>
    public CancellationToken CancellationToken { get; }
}
