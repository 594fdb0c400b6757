using System.Text.Json;
using QuantaPilot.Core.Orchestrations;
using QuantaPilot.Engine.Execution;

namespace QuantaPilot.Engine;

internal delegate Task<JsonPayload> OrchestrationBody(IOrchestrationContext context, JsonSerializerOptions json);

internal delegate Task<JsonPayload> ActivityBody(ActivityContext context, JsonPayload input, JsonSerializerOptions json);

/// <summary>The orchestrations and activities of a build, by name. Names are case-sensitive. Fill it before the engine starts.</summary>
public sealed class OrchestrationRegistry
{
    private readonly Dictionary<string, OrchestrationBody> _orchestrations = [];
    private readonly Dictionary<string, ActivityBody> _activities = [];

    /// <summary>Registers an orchestration; it takes its input with <see cref="IOrchestrationContext.GetInput{T}"/>.</summary>
    /// <exception cref="ArgumentException">The name is taken.</exception>
    public OrchestrationRegistry AddOrchestration<TOutput>(string name, Func<IOrchestrationContext, Task<TOutput>> body)
    {
        _orchestrations.Add(name, async (context, json) => JsonPayload.From(await body(context), json));
        return this;
    }

    /// <summary>Registers an activity. Any exception it throws fails the call with that type and message.</summary>
    /// <exception cref="ArgumentException">The name is taken.</exception>
    public OrchestrationRegistry AddActivity<TInput, TOutput>(string name, Func<ActivityContext, TInput, Task<TOutput>> body)
    {
        _activities.Add(name, async (context, input, json) =>
        {
            var value = input.To<TInput>(json);
            var output = context.Interceptor is { } interceptor
                ? await interceptor.RunAsync(name, value, () => body(context, value))
                : await body(context, value);
            return JsonPayload.From(output, json);
        });
        return this;
    }

    internal OrchestrationBody? FindOrchestration(string name) => _orchestrations.GetValueOrDefault(name);

    internal bool HasActivity(string name) => _activities.ContainsKey(name);

    internal ActivityBody GetActivity(string name) => _activities[name];
}
