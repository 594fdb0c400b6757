using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace QuantaPilot.Core.Runs;

/// <summary>The id of a run and of its orchestration: 32 lower-case hexadecimal digits.</summary>
[JsonConverter(typeof(RunIdJsonConverter))]
public readonly record struct RunId
{
    private const int Length = 32;
    private readonly string? _value;

    private RunId(string value) => _value = value;

    /// <summary>The id that a UUID stands for. A version 7 UUID makes ids sort by time of creation.</summary>
    public static RunId From(Guid value) => new(value.ToString("N"));

    /// <summary>Accepts only the canonical form, so that an id is safe in paths, branch names and URLs.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out RunId id)
    {
        id = default;
        if (text is not { Length: Length }) return false;
        foreach (var c in text)
        {
            if (c is not (>= '0' and <= '9' or >= 'a' and <= 'f')) return false;
        }
        id = new RunId(text);
        return true;
    }

    /// <exception cref="FormatException">The text is not 32 lower-case hexadecimal digits.</exception>
    public static RunId Parse(string text) =>
        TryParse(text, out var id) ? id : throw new FormatException("A run id is 32 lower-case hexadecimal digits.");

    public override string ToString() => _value ?? throw new InvalidOperationException("An empty run id was used.");
}

internal sealed class RunIdJsonConverter : JsonConverter<RunId>
{
    public override RunId Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        RunId.TryParse(reader.GetString(), out var id) ? id : throw new JsonException("A run id is 32 lower-case hexadecimal digits.");

    public override void Write(Utf8JsonWriter writer, RunId value, JsonSerializerOptions options) =>
        writer.WriteStringValue(value.ToString());
}
