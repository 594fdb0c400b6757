using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using QuantaPilot.Core.Contracts;

namespace QuantaPilot.Functions;

/// <summary>The JSON of orchestrations: Core's contracts, and by reflection the few types that are the worker's own.</summary>
internal static class WorkerJson
{
    public static JsonSerializerOptions Options { get; } = new(CoreJson.Default.Options)
    {
        TypeInfoResolver = JsonTypeInfoResolver.Combine(CoreJson.Default, new DefaultJsonTypeInfoResolver()),
    };
}
