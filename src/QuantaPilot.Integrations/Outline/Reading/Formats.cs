using System.Text.Json;
using System.Xml;
using System.Xml.Linq;
using Tomlyn;
using Tomlyn.Model;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;
using YamlDotNet.RepresentationModel;

namespace QuantaPilot.Integrations.Outline.Reading;

/// <summary>Parses untrusted text with bounded nesting. What can't be parsed is a <see cref="FormatException"/> that says why.</summary>
internal static class Formats
{
    /// <summary>Deeper nesting is refused: recursive parsers would exhaust the stack, which no process survives.</summary>
    private const int MostNesting = 64;

    public static JsonElement Json(string text)
    {
        try
        {
            using var document = JsonDocument.Parse(text, new JsonDocumentOptions
            {
                AllowTrailingCommas = true,
                CommentHandling = JsonCommentHandling.Skip,
                MaxDepth = MostNesting,
            });
            return document.RootElement.Clone();
        }
        catch (JsonException e)
        {
            throw new FormatException($"not valid JSON (line {e.LineNumber + 1})", e);
        }
    }

    /// <summary>Document type definitions are refused by the parser's defaults, so no entity can grow and nothing is fetched.</summary>
    public static XElement Xml(string text)
    {
        try
        {
            return XDocument.Parse(text, LoadOptions.SetLineInfo).Root ?? throw new FormatException("not valid XML (it is empty)");
        }
        catch (XmlException e)
        {
            throw new FormatException($"not valid XML (line {e.LineNumber})", e);
        }
    }

    public static TomlTable Toml(string text)
    {
        var depth = 0;
        foreach (var c in text)
        {
            if (c is '[' or '{' && ++depth > MostNesting) throw new FormatException($"TOML nested deeper than {MostNesting}");
            if (c is ']' or '}' or '\n' && depth > 0) depth = c == '\n' ? depth : depth - 1;
        }
        try
        {
            return TomlSerializer.Deserialize<TomlTable>(text) ?? [];
        }
        catch (TomlException e)
        {
            throw new FormatException("not valid TOML", e);
        }
    }

    /// <summary>The first document, or null if there is none.</summary>
    public static YamlNode? Yaml(string text)
    {
        try
        {
            var depth = 0;
            var parser = new Parser(new StringReader(text));
            while (parser.MoveNext())
            {
                depth += parser.Current is MappingStart or SequenceStart ? 1 : parser.Current is MappingEnd or SequenceEnd ? -1 : 0;
                if (depth > MostNesting) throw new FormatException($"YAML nested deeper than {MostNesting}");
            }
            var stream = new YamlStream();
            stream.Load(new StringReader(text));
            return stream.Documents.Count == 0 ? null : stream.Documents[0].RootNode;
        }
        catch (YamlException e)
        {
            throw new FormatException($"not valid YAML (line {e.Start.Line})", e);
        }
        catch (InvalidOperationException e)
        {
            // What the parser throws at the end of a flow that nobody closed.
            throw new FormatException("not valid YAML (it ends too early)", e);
        }
    }

    public static string? Text(this JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String
            ? value.GetString()
            : null;

    /// <summary>The members of an object that is a member itself; none if it is anything else.</summary>
    public static IEnumerable<JsonProperty> Members(this JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Object
            ? value.EnumerateObject()
            : Enumerable.Empty<JsonProperty>();

    public static string? Text(this TomlTable? table, string name) =>
        table is not null && table.TryGetValue(name, out var value) ? value as string : null;

    public static TomlTable? Table(this TomlTable? table, string name) =>
        table is not null && table.TryGetValue(name, out var value) ? value as TomlTable : null;

    public static IEnumerable<string> Texts(this TomlTable? table, string name) =>
        table is not null && table.TryGetValue(name, out var value) && value is TomlArray array ? array.OfType<string>() : [];

    public static YamlNode? Child(this YamlNode? node, string name) =>
        node is YamlMappingNode map && map.Children.TryGetValue(new YamlScalarNode(name), out var value) ? value : null;

    public static string? Text(this YamlNode? node) => (node as YamlScalarNode)?.Value;

    public static string? Text(this YamlNode? node, string name) => node.Child(name).Text();

    public static IEnumerable<(string Name, YamlNode Value, int Line)> Members(this YamlNode? node) =>
        node is YamlMappingNode map
            ? map.Children.Where(c => c.Key is YamlScalarNode)
                .Select(c => (((YamlScalarNode)c.Key).Value ?? "", c.Value, (int)c.Key.Start.Line))
            : [];

    public static IEnumerable<YamlNode> Items(this YamlNode? node) => node is YamlSequenceNode list ? list.Children : [];

    /// <summary>The children with the local name, whatever the namespace.</summary>
    public static IEnumerable<XElement> All(this XElement? element, string name) =>
        element?.Elements().Where(e => e.Name.LocalName == name) ?? [];

    public static XElement? One(this XElement? element, string name) => element.All(name).FirstOrDefault();

    public static string? Text(this XElement? element, string name) =>
        element.One(name)?.Value.Trim() is { Length: > 0 } text ? text : null;

    public static int Line(this XElement element) => ((IXmlLineInfo)element).LineNumber;
}
