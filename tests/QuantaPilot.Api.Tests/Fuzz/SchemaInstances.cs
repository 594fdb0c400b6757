using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace QuantaPilot.Api.Tests.Fuzz;

/// <summary>
/// Random values by the schemas of openapi.json: those that they allow, and those that they just do not. Texts that have a
/// pattern are picked from the examples of the contract, which hold one for each.
/// </summary>
/// <param name="known">A value for a member of this name that means something to the host; null if there is none.</param>
internal sealed class SchemaInstances(Func<Random, string, string?> known)
{
    private const int MostMore = 4;
    private static readonly DateTimeOffset _later = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private static readonly JsonObject _schemas = ApiOperation.Document["components"]!["schemas"]!.AsObject();
    private static readonly string[] _examples = [.. Texts(JsonNode.Parse(RepositoryFiles.Read("_schemas/api.examples.json")))
        .Concat(Examples(_schemas)).Append("0").Append("24h").Append(new string('0', 40)).Distinct(StringComparer.Ordinal)];

    private static readonly ConcurrentDictionary<string, string[]> _matching = new(StringComparer.Ordinal);

    /// <summary>A value that the schema allows.</summary>
    public JsonNode? Valid(Random random, JsonNode schema)
    {
        var rules = Resolve(schema);
        if (rules["const"] is { } constant) return constant.DeepClone();
        if (rules["enum"] is JsonArray values) return Pick(random, values)!.DeepClone();
        if ((rules["oneOf"] ?? rules["anyOf"]) is JsonArray choices) return Valid(random, Pick(random, choices)!);
        return TypeOf(rules) switch
        {
            "object" => Object(random, rules),
            "array" => Array(random, rules),
            "integer" or "number" => random.NextInt64((long?)rules["minimum"] ?? 0, ((long?)rules["maximum"] ?? 1_000) + 1),
            "boolean" => random.Next(2) == 0,
            "null" => null,
            _ => Text(random, rules),
        };
    }

    /// <summary>A value that the schema does not allow, for one reason only.</summary>
    public JsonNode? Invalid(Random random, JsonNode schema)
    {
        var rules = Resolve(schema);
        if ((rules["oneOf"] ?? rules["anyOf"]) is JsonArray choices) return Invalid(random, Pick(random, choices)!);
        return Valid(random, schema) switch
        {
            JsonObject members => Break(random, rules, members),
            JsonArray items => Break(random, rules, items),
            var value => Other(random, rules, value),
        };
    }

    private JsonObject Object(Random random, JsonObject rules)
    {
        var made = new JsonObject();
        var required = Required(rules).ToHashSet(StringComparer.Ordinal);
        foreach (var (name, schema) in rules["properties"]?.AsObject() ?? [])
        {
            if (required.Contains(name) || random.Next(2) == 0) made[name] = known(random, name) ?? Valid(random, schema!);
        }
        return made;
    }

    private JsonArray Array(Random random, JsonObject rules)
    {
        var least = (int?)rules["minItems"] ?? 0;
        var count = random.Next(least, Math.Min((int?)rules["maxItems"] ?? int.MaxValue, least + MostMore) + 1);
        var items = Enumerable.Range(0, count).Select(_ => Valid(random, rules["items"]!));
        if ((bool?)rules["uniqueItems"] == true) items = items.DistinctBy(item => item?.ToJsonString());
        return [.. items];
    }

    private static string Text(Random random, JsonObject rules)
    {
        var (least, most) = ((int?)rules["minLength"] ?? 0, (int?)rules["maxLength"] ?? 64);
        switch ((string?)rules["format"])
        {
            case "uuid":
                var bytes = new byte[16];
                random.NextBytes(bytes);
                return $"{new Guid(bytes)}";
            case "date-time":
                return _later.AddSeconds(random.Next()).ToString("O", CultureInfo.InvariantCulture);
            case "uri":
                return $"https://example.com/{random.Next()}";
            default:
                if ((string?)rules["pattern"] is { } pattern && Matching(pattern, least, most) is { Length: > 0 } examples)
                    return Pick(random, examples);
                return new string((char)random.Next('a', 'z'), random.Next(least, Math.Min(most, least + 20) + 1));
        }
    }

    private JsonObject Break(Random random, JsonObject rules, JsonObject members)
    {
        var required = Required(rules).ToList();
        switch (random.Next(3))
        {
            case 0 when required.Count > 0:
                members.Remove(Pick(random, required));
                return members;
            case 1 when members.Count > 0:
                var (name, _) = members.ElementAt(random.Next(members.Count));
                members[name] = Invalid(random, rules["properties"]![name]!);
                return members;
            default:
                members[Pick(random, (string[])["unknown", "", "Reason", "__proto__", "$type"])] = random.Next(2) == 0 ? 1 : null;
                return members;
        }
    }

    private JsonArray Break(Random random, JsonObject rules, JsonArray items)
    {
        if (items.Count > 0 && random.Next(2) == 0)
        {
            items[random.Next(items.Count)] = Invalid(random, rules["items"]!);
            return items;
        }
        if (random.Next(2) == 0) return new JsonArray();
        var more = ((int?)rules["maxItems"] ?? 1_000) + 1;
        return new JsonArray([.. Enumerable.Range(0, more).Select(_ => Valid(random, rules["items"]!))]);
    }

    private static JsonNode? Other(Random random, JsonObject rules, JsonNode? value)
    {
        var tooLong = new string('x', Math.Min((int?)rules["maxLength"] ?? 4_000, 4_000) + 1);
        var tooMuch = ((long?)rules["maximum"] ?? long.MaxValue - 1) + 1;
        JsonNode?[] others =
        [
            null, "", " ", "\0", tooLong, tooMuch, ((long?)rules["minimum"] ?? 0) - 1, 0.5, true, new JsonArray(), new JsonObject(),
            new JsonArray(value?.DeepClone()), $"{value}\n", $" {value}", $"{value}".ToUpperInvariant() + "\u202e",
        ];
        return Pick(random, others)?.DeepClone();
    }

    /// <summary>The schema behind a reference, with what its allOf adds.</summary>
    private static JsonObject Resolve(JsonNode schema)
    {
        var rules = schema.AsObject();
        while ((string?)rules["$ref"] is { } target) rules = _schemas[target.Split('/')[^1]]!.AsObject();
        return rules;
    }

    /// <summary>Members that have to be there; those that a condition asks for are counted in, whether or not it holds.</summary>
    private static IEnumerable<string> Required(JsonObject rules) => ((rules["required"] as JsonArray) ?? [])
        .Concat((rules["allOf"] as JsonArray ?? []).SelectMany(part => Resolve(part!)["then"]?["required"] as JsonArray ?? []))
        .Select(name => (string)name!);

    private static string? TypeOf(JsonObject rules) => rules["type"] switch
    {
        JsonArray types => (string?)types[0],
        { } type => (string)type!,
        null => rules["properties"] is null ? null : "object",
    };

    private static string[] Matching(string pattern, int least, int most) => _matching.GetOrAdd(pattern, _ =>
    {
        var regex = new Regex(pattern, RegexOptions.CultureInvariant, TimeSpan.FromSeconds(1));
        return [.. _examples.Where(text => text.Length >= least && text.Length <= most && regex.IsMatch(text))];
    });

    private static IEnumerable<string> Texts(JsonNode? node) => node switch
    {
        JsonObject members => members.SelectMany(member => Texts(member.Value)),
        JsonArray items => items.SelectMany(Texts),
        JsonValue value when value.TryGetValue<string>(out var text) => [text],
        _ => [],
    };

    private static IEnumerable<string> Examples(JsonNode? node) => node switch
    {
        JsonObject members => Texts(members["examples"]).Concat(members.SelectMany(member => Examples(member.Value))),
        JsonArray items => items.SelectMany(Examples),
        _ => [],
    };

    private static T Pick<T>(Random random, IReadOnlyList<T> of) => of[random.Next(of.Count)];

    private static JsonNode? Pick(Random random, JsonArray of) => of[random.Next(of.Count)];
}
