using System.Text.Json;

namespace QuantaPilot.Api.Events;

/// <summary>Finds the type of an event in its JSON. It is among the first members, so that the rest is not read.</summary>
internal static class EventType
{
    /// <exception cref="InvalidOperationException">There is none.</exception>
    public static ReadOnlySpan<byte> Of(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json);
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var found = reader.ValueTextEquals("type"u8);
            reader.Read();
            // Types are letters, dots and underscores: nothing in them is escaped.
            if (found) return reader.ValueSpan;
            reader.Skip();
        }
        throw new InvalidOperationException("An event of the log has no type.");
    }
}
