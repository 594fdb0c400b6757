using System.Globalization;
using System.Text.Json.Nodes;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace QuantaPilot.Api.Tests.Support;

/// <summary>YAML as the JSON that a schema sees, by YAML's core schema.</summary>
internal static class YamlText
{
    public static string ToJson(string text)
    {
        var stream = new YamlStream();
        stream.Load(new StringReader(text));
        return ToNode(stream.Documents[0].RootNode)?.ToJsonString() ?? "null";
    }

    private static JsonNode? ToNode(YamlNode node) => node switch
    {
        YamlMappingNode map => new JsonObject(map.Children.Select(child => KeyValuePair.Create($"{child.Key}", ToNode(child.Value)))),
        YamlSequenceNode list => new JsonArray([.. list.Children.Select(ToNode)]),
        YamlScalarNode { Style: ScalarStyle.Plain, Value: { } value } => ToValue(value),
        _ => (string?)((YamlScalarNode)node).Value,
    };

    private static JsonNode? ToValue(string plain) => plain switch
    {
        "" or "~" or "null" => null,
        "true" or "false" => plain == "true",
        _ when long.TryParse(plain, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) => number,
        _ when double.TryParse(plain, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) => number,
        _ => plain,
    };
}
