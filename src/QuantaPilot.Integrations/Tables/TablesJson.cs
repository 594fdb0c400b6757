using System.Text.Json.Serialization;
using QuantaPilot.Core.Ports;

namespace QuantaPilot.Integrations.Tables;

/// <summary>What only these stores write as JSON.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(PullRequestRequest))]
internal sealed partial class TablesJson : JsonSerializerContext;
