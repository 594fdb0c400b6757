using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using System.Text.Unicode;
using QuantaPilot.Core.Runs;

namespace QuantaPilot.Api.Http;

/// <summary>
/// Reads a request body and refuses, by name, what the contract does not have: unknown and duplicate members, and values
/// of another type. Comments, trailing commas and invalid UTF-8 are malformed.
/// </summary>
internal static class StrictJson
{
    public static Outcome<T> Read<T>(ReadOnlyMemory<byte> body, JsonTypeInfo<T> type)
        where T : class
    {
        if (body.IsEmpty) return ProblemResult.Malformed($"The body is empty. Accepted is a JSON object with {Members(type)}.");
        if (!Utf8.IsValid(body.Span)) return ProblemResult.Malformed("The body is not valid UTF-8.");
        try
        {
            using var document = JsonDocument.Parse(body);
            if (document.RootElement.ValueKind != JsonValueKind.Object)
                return ProblemResult.Malformed($"The body is not a JSON object. Accepted is one with {Members(type)}.");
            var errors = new Dictionary<string, string>(StringComparer.Ordinal);
            CheckObject(document.RootElement, type, "", errors);
            if (errors.Count > 0) return ProblemResult.Invalid(errors);
            return document.RootElement.Deserialize(type)!;
        }
        catch (JsonException e)
        {
            return ProblemResult.Malformed($"The body is not valid JSON (line {e.LineNumber + 1 ?? 1}, byte {e.BytePositionInLine ?? 0}).");
        }
        catch (InvalidOperationException)
        {
            // What the reader throws for an escape sequence that is half of a surrogate pair.
            return ProblemResult.Malformed("The body has a string with an incomplete surrogate pair.");
        }
    }

    private static void CheckObject(JsonElement element, JsonTypeInfo type, string path, Dictionary<string, string> errors)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var member in element.EnumerateObject())
        {
            var name = path.Length == 0 ? Shorten(member.Name) : $"{path}.{Shorten(member.Name)}";
            if (type.Properties.FirstOrDefault(p => p.Name == member.Name) is not { } property)
                errors[name] = $"is not known: accepted are {Members(type)}";
            else if (!seen.Add(member.Name))
                errors[name] = "is given more than once";
            else
                CheckValue(member.Value, property.PropertyType, type.Options, name, errors);
        }
    }

    private static void CheckValue(
        JsonElement value, Type type, JsonSerializerOptions options, string path, Dictionary<string, string> errors)
    {
        if (value.ValueKind == JsonValueKind.Null) return;
        if (type == typeof(string))
        {
            if (value.ValueKind != JsonValueKind.String) errors[path] = "must be a string";
        }
        else if (type == typeof(bool?))
        {
            if (value.ValueKind is not (JsonValueKind.True or JsonValueKind.False)) errors[path] = "must be true or false";
        }
        else if (type == typeof(long?))
        {
            if (value.ValueKind != JsonValueKind.Number || !value.TryGetInt64(out _)) errors[path] = "must be a whole number";
        }
        else if (type == typeof(decimal?))
        {
            if (value.ValueKind != JsonValueKind.Number || !value.TryGetDecimal(out _)) errors[path] = "must be a number";
        }
        else if (options.GetTypeInfo(type) is { Kind: JsonTypeInfoKind.Enumerable, ElementType: { } elementType })
        {
            if (value.ValueKind != JsonValueKind.Array)
            {
                errors[path] = "must be an array";
                return;
            }
            var index = 0;
            foreach (var item in value.EnumerateArray()) CheckValue(item, elementType, options, $"{path}[{index++}]", errors);
        }
        else if (options.GetTypeInfo(type) is { Kind: JsonTypeInfoKind.Object } objectType)
        {
            if (value.ValueKind == JsonValueKind.Object) CheckObject(value, objectType, path, errors);
            else errors[path] = $"must be an object with {Members(objectType)}";
        }
        else
        {
            throw new NotSupportedException($"No rule for request members of type {type}.");
        }
    }

    private static string Members(JsonTypeInfo type) => string.Join(", ", type.Properties.Select(p => p.Name));

    /// <summary>Names come from the caller: only as much of one is repeated as it takes to recognise it.</summary>
    private static string Shorten(string name)
    {
        const int Enough = 64;
        name = Redactor.Redact(name);
        var shown = name.Length <= Enough ? name : name[..Enough] + "…";
        return string.Concat(shown.Select(c => char.IsControl(c) || char.IsSurrogate(c) ? '?' : c));
    }
}
