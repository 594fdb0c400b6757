namespace QuantaPilot.Core.Orchestrations;

/// <summary>Exponential backoff on durable timers, jittered so that runs that failed together don't come back together.</summary>
/// <param name="MaxAttempts">How often it is tried in all; at least 1.</param>
/// <param name="FirstDelay">The pause after the first failure.</param>
/// <param name="Coefficient">By what each further pause grows.</param>
/// <param name="MaxDelay">No pause is longer.</param>
public sealed record RetryPolicy(int MaxAttempts, TimeSpan FirstDelay, double Coefficient, TimeSpan MaxDelay)
{
    /// <summary>The pause after a failed attempt: between half of the exponential step and all of it.</summary>
    /// <param name="attempt">The attempt that failed, from 1.</param>
    /// <param name="random">Where the jitter comes from: <see cref="IOrchestrationContext.NewGuid"/>, so that replays agree.</param>
    public TimeSpan DelayAfter(int attempt, Guid random)
    {
        var step = Math.Min(FirstDelay.TotalMilliseconds * Math.Pow(Coefficient, attempt - 1), MaxDelay.TotalMilliseconds);
        var jitter = BitConverter.ToUInt16(random.ToByteArray(), 0) / (double)ushort.MaxValue;
        return TimeSpan.FromMilliseconds(step * (0.5 + jitter / 2));
    }
}

public static class RetryExtensions
{
    /// <summary>Calls an activity, again after a pause each time it throws, until the policy's attempts are used up.</summary>
    /// <exception cref="ActivityFailedException">The last attempt threw.</exception>
    public static async Task<TResult> CallActivityAsync<TResult>(
        this IOrchestrationContext context, string name, object? input, RetryPolicy policy)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await context.CallActivityAsync<TResult>(name, input);
            }
            catch (ActivityFailedException) when (attempt < policy.MaxAttempts)
            {
                await context.CreateTimerAsync(context.UtcNow + policy.DelayAfter(attempt, context.NewGuid()), CancellationToken.None);
            }
        }
    }
}
