using System.Text.Json;

namespace QuantaPilot.Engine;

/// <summary>Settings of <see cref="EmbeddedEngine"/>.</summary>
public sealed class EngineOptions
{
    /// <summary>For inputs, results and event payloads. Pass one with a source-generated resolver to do without reflection.</summary>
    public JsonSerializerOptions Json { get; init; } = new(JsonSerializerDefaults.Web);

    /// <summary>How many activities run at once; the others queue. Default 64.</summary>
    public int MaxConcurrentActivities { get; init; } = 64;

    /// <summary>How many idle orchestrations are kept in memory to spare them a replay at their next event. Default 4,000.</summary>
    public int MaxLiveOrchestrations { get; init; } = 4000;

    /// <summary>
    /// How many turns run at once; they are short and need a processor. Default: half of the processors, so that turns that
    /// queue up leave the others to requests and activities (measured: at two processors, twice the requests and runs per second).
    /// </summary>
    public int MaxConcurrentTurns { get; init; } = Math.Max(1, Environment.ProcessorCount / 2);

    /// <summary>Told of instances that got stuck or came free. Default: nobody.</summary>
    public IEngineObserver? Observer { get; init; }

    /// <summary>Stands around every execution of an activity. Default: nothing does.</summary>
    public IActivityInterceptor? Interceptor { get; init; }
}

/// <summary>Stands around activities, e.g. to measure them.</summary>
public interface IActivityInterceptor
{
    /// <summary>Runs the activity. What this throws or answers is the activity's outcome.</summary>
    /// <param name="activity">Its registered name.</param>
    /// <param name="input">Its input.</param>
    /// <param name="run">Runs it; to be called once.</param>
    Task<TOutput> RunAsync<TInput, TOutput>(string activity, TInput input, Func<Task<TOutput>> run);
}

/// <summary>
/// Told of what the orchestrations themselves cannot tell, after it is durable. Calls come on the engine's threads: return
/// soon. A crash right after the fact is durable may swallow the call.
/// </summary>
public interface IEngineObserver
{
    /// <summary>The instance stopped because its history does not fit the code at hand.</summary>
    void OnStuck(string instanceId, ReplayMismatch mismatch);

    /// <summary>An instance that had been stuck goes on.</summary>
    void OnUnstuck(string instanceId);
}
