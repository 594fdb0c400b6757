using System.Globalization;
using QuantaPilot.Core.Runs;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;
using YamlDotNet.RepresentationModel;

namespace QuantaPilot.Core.Pipeline;

/// <summary>Reads members of a YAML mapping and notes each fault with its line, path and what is accepted.</summary>
internal sealed class YamlFields
{
    /// <summary>Deeper than any valid file; bounds the recursion of the YAML library.</summary>
    private const int MaxDepth = 16;

    private const int MaxFaults = 20;

    private readonly YamlMappingNode? _map;
    private readonly string _path;
    private readonly List<string> _faults;
    private readonly HashSet<string> _read = [];

    private YamlFields(YamlMappingNode? map, string path, List<string> faults)
    {
        _map = map;
        _path = path;
        _faults = faults;
    }

    public IReadOnlyList<string> Faults => _faults;

    /// <summary>The top level of a document. Faults of syntax are noted too.</summary>
    public static YamlFields Parse(string text)
    {
        var faults = new List<string>();
        try
        {
            CheckShape(text, faults);
            if (faults.Count > 0) return new YamlFields(null, "", faults);
            var stream = new YamlStream();
            stream.Load(new StringReader(text));
            if (stream.Documents.Count != 1) faults.Add("line 1: the file must hold one YAML document");
            else if (stream.Documents[0].RootNode is YamlMappingNode root) return new YamlFields(root, "", faults);
            else faults.Add("line 1: the file must be a mapping, e.g. 'version: 1'");
        }
        catch (YamlException e)
        {
            faults.Add($"line {e.Start.Line}: {e.Message}");
        }
        catch (Exception e) when (e is InvalidOperationException or ArgumentException)
        {
            // The library's own, for some files that are no YAML.
            faults.Add("line 1: the file is not valid YAML");
        }
        return new YamlFields(null, "", faults);
    }

    /// <summary>True if the member is there and is not null.</summary>
    public bool Has(string name) => Find(name) is not null;

    /// <summary>A text that passes <paramref name="accepts"/>.</summary>
    public string Text(string name, string fallback, string accepted, Func<string, bool> accepts)
    {
        if (Find(name) is not { } node) return fallback;
        if (node is YamlScalarNode { Value: { } value } && accepts(value)) return value;
        Fault(node, name, accepted);
        return fallback;
    }

    public string RequiredText(string name, string accepted, Func<string, bool> accepts)
    {
        if (Has(name)) return Text(name, "", accepted, accepts);
        Missing(name, accepted);
        return "";
    }

    public int Number(string name, int fallback, int min, int max)
    {
        var text = Text(
            name,
            fallback.ToString(CultureInfo.InvariantCulture),
            $"a whole number from {min} to {max}",
            value => int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var n) && n >= min && n <= max);
        return int.Parse(text, CultureInfo.InvariantCulture);
    }

    /// <summary>A whole number that may be larger than an <see cref="int"/>; the member is there.</summary>
    public long Whole(string name, long min, long max)
    {
        var accepted = $"a whole number from {min} to {max}";
        var text = Text(name, "", accepted, value =>
            long.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var n) && n >= min && n <= max);
        return text.Length == 0 ? min : long.Parse(text, CultureInfo.InvariantCulture);
    }

    /// <summary>An amount of money above 0, in whole cents; the member is there.</summary>
    public decimal Amount(string name, decimal max)
    {
        var text = Text(name, "", $"an amount from 0.01 to {max} with at most two decimals, e.g. 10 or 0.50", value =>
            decimal.TryParse(value, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var n) && n > 0 && n <= max && n.Scale <= 2);
        return text.Length == 0 ? max : decimal.Parse(text, CultureInfo.InvariantCulture);
    }

    public bool Flag(string name, bool fallback) =>
        Text(name, fallback ? "true" : "false", "true or false", value => value is "true" or "false") == "true";

    public TimeSpan Duration(string name, TimeSpan fallback)
    {
        var text = Text(name, DurationText.Format(fallback), DurationText.Accepted, value => DurationText.TryParse(value, out _));
        return DurationText.TryParse(text, out var duration) ? duration : fallback;
    }

    /// <summary>One of an enumeration's members, in snake_case.</summary>
    public T Choice<T>(string name, T fallback)
        where T : struct, Enum
    {
        var values = Enum.GetValues<T>().ToDictionary(value => value.ToString().ToLowerInvariant());
        var text = Text(name, fallback.ToString().ToLowerInvariant(), "one of " + string.Join(", ", values.Keys), values.ContainsKey);
        return values[text];
    }

    public IReadOnlyList<string> Texts(string name, int max)
    {
        var accepted = $"a list of at most {max} texts";
        if (Find(name) is not { } node) return [];
        if (node is YamlSequenceNode list && list.Children.Count <= max
            && list.Children.All(child => child is YamlScalarNode { Value.Length: > 0 }))
        {
            return [.. list.Children.Select(child => ((YamlScalarNode)child).Value!)];
        }
        Fault(node, name, accepted);
        return [];
    }

    /// <summary>The members of a mapping; empty if it is not there.</summary>
    public YamlFields Map(string name)
    {
        if (Find(name) is { } node and not YamlMappingNode) Fault(node, name, "a mapping");
        return new YamlFields(Find(name) as YamlMappingNode, Path(name), _faults);
    }

    /// <summary>Each member of a mapping whose names are the file's own.</summary>
    public IReadOnlyList<(string Name, YamlFields Fields)> Named(string name)
    {
        var map = Map(name);
        return [.. (map._map?.Children.Keys ?? []).OfType<YamlScalarNode>().Select(key => (key.Value ?? "", map.Map(key.Value ?? "")))];
    }

    /// <summary>Each mapping of a list.</summary>
    public IReadOnlyList<YamlFields> Items(string name, int max)
    {
        if (Find(name) is not { } node) return [];
        if (node is YamlSequenceNode list && list.Children.Count <= max && list.Children.All(child => child is YamlMappingNode))
        {
            return [.. list.Children.Select((child, i) => new YamlFields((YamlMappingNode)child, $"{Path(name)}[{i}]", _faults))];
        }
        Fault(node, name, $"a list of at most {max} mappings");
        return [];
    }

    /// <summary>Notes every member that has not been asked for.</summary>
    public void RefuseOthers()
    {
        foreach (var key in _map?.Children.Keys ?? [])
        {
            var name = (key as YamlScalarNode)?.Value ?? "?";
            if (_read.Contains(name)) continue;
            Note(key, $"{Path(name)}: is unknown; accepted are {string.Join(", ", _read.Order(StringComparer.Ordinal))}");
        }
    }

    public void Refuse(string name, string why)
    {
        if (Find(name) is { } node) Note(node, $"{Path(name)}: {why}");
    }

    public void Missing(string name, string accepted) => Note(_map, $"{Path(name)}: is missing; it must be {accepted}");

    private static void CheckShape(string text, List<string> faults)
    {
        var parser = new Parser(new StringReader(text));
        var depth = 0;
        while (parser.MoveNext())
        {
            var node = parser.Current!;
            depth += node.NestingIncrease;
            // Aliases can stand for exponentially more than the file's size.
            if (node is AnchorAlias) faults.Add($"line {node.Start.Line}: aliases are not accepted; write the value out");
            if (depth > MaxDepth) faults.Add($"line {node.Start.Line}: nested deeper than {MaxDepth} levels");
            if (faults.Count > 0) return;
        }
    }

    private YamlNode? Find(string name)
    {
        _read.Add(name);
        if (_map is null || !_map.Children.TryGetValue(new YamlScalarNode(name), out var node)) return null;
        return node is YamlScalarNode { Value: null or "" or "~" or "null", Style: ScalarStyle.Plain } ? null : node;
    }

    private void Fault(YamlNode node, string name, string accepted)
    {
        var found = node is YamlScalarNode scalar ? $"'{Cut(Redactor.Redact(scalar.Value ?? ""))}'"
            : node is YamlSequenceNode ? "a list"
            : "a mapping";
        Note(node, $"{Path(name)}: must be {accepted}, not {found}");
    }

    private void Note(YamlNode? node, string fault)
    {
        if (_faults.Count < MaxFaults) _faults.Add($"line {node?.Start.Line ?? 1}: {fault}");
    }

    private string Path(string name) => _path.Length == 0 ? name : $"{_path}.{name}";

    private static string Cut(string value) => value.Length <= 60 ? value : value[..60] + "…";
}
