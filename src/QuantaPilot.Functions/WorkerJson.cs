using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using QuantaPilot.Core.Contracts;

namespace QuantaPilot.Functions;

/// <summary>
/// JSON as this app writes it into orchestration histories: as <see cref="CoreJson"/> has it, so that both hosts write
/// the same. Types that it does not know are refused, not written in some other way.
/// </summary>
internal static class WorkerJson
{
    /// <summary>For all inputs, results and events.</summary>
    public static JsonSerializerOptions Options { get; } = new(CoreJson.Default.Options)
    {
        TypeInfoResolver = JsonTypeInfoResolver.Combine(CoreJson.Default, WorkerJsonTypes.Default),
    };
}

/// <summary>For inputs and events whose type is asked for later, and the list in which Durable Task puts inputs of activities.</summary>
[JsonSerializable(typeof(JsonElement))]
[JsonSerializable(typeof(JsonElement?))]
[JsonSerializable(typeof(object[]))]
internal sealed partial class WorkerJsonTypes : JsonSerializerContext;
