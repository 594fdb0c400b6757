using System.Text.Json;
using System.Text.Json.Serialization;

namespace QuantaPilot.Core.Contracts;

/// <summary>Writes enum members in snake_case, as the API names them; refuses numbers and unknown names.</summary>
public sealed class SnakeCaseEnumConverter<T>() : JsonStringEnumConverter<T>(JsonNamingPolicy.SnakeCaseLower, allowIntegerValues: false)
    where T : struct, Enum;
