using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace QuantaPilot.Engine.Execution;

/// <summary>An input, result or event payload as UTF-8 JSON: serialised once, then only copied.</summary>
[JsonConverter(typeof(Converter))]
internal readonly struct JsonPayload(ReadOnlyMemory<byte> utf8)
{
    public static JsonPayload Null { get; } = new("null"u8.ToArray());

    public ReadOnlyMemory<byte> Utf8 { get; } = utf8;

    public static JsonPayload From(object? value, JsonSerializerOptions json) =>
        value is null ? Null : new(JsonSerializer.SerializeToUtf8Bytes(value, json.GetTypeInfo(value.GetType())));

    public static JsonPayload From<T>(T value, JsonSerializerOptions json) =>
        value is null ? Null : new(JsonSerializer.SerializeToUtf8Bytes(value, (JsonTypeInfo<T>)json.GetTypeInfo(typeof(T))));

    /// <exception cref="JsonException">The payload is not a <typeparamref name="T"/>.</exception>
    public T To<T>(JsonSerializerOptions json) => JsonSerializer.Deserialize(Utf8.Span, (JsonTypeInfo<T>)json.GetTypeInfo(typeof(T)))!;

    public override string ToString() => Encoding.UTF8.GetString(Utf8.Span);

    internal sealed class Converter : JsonConverter<JsonPayload>
    {
        public override JsonPayload Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
        {
            using var document = JsonDocument.ParseValue(ref reader);
            return new(JsonMarshal.GetRawUtf8Value(document.RootElement).ToArray());
        }

        public override void Write(Utf8JsonWriter writer, JsonPayload value, JsonSerializerOptions options) =>
            writer.WriteRawValue(value.Utf8.Span, skipInputValidation: true);
    }
}
