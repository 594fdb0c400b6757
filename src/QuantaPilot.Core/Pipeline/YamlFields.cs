using System.Globalization;
using QuantaPilot.Core.Runs;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;
using YamlDotNet.RepresentationModel;

namespace QuantaPilot.Core.Pipeline;

/// <summary>Reads members of a YAML mapping and notes each fault with its place, path and what is accepted.</summary>
internal sealed class YamlFields
{
    /// <summary>Deeper than any valid file; bounds the recursion of the YAML library.</summary>
    private const int MaxDepth = 16;

    private readonly YamlMappingNode? _map;
    private readonly string _path;
    private readonly FaultList _faults;
    private readonly HashSet<string> _read = [];

    /// <summary>Finds the place to name where the mapping is not there.</summary>
    private readonly Func<YamlNode?> _place;

    private YamlFields(YamlMappingNode? map, string path, FaultList faults, Func<YamlNode?> place)
    {
        _map = map;
        _path = path;
        _faults = faults;
        _place = place;
    }

    public IReadOnlyList<PipelineFault> Faults => _faults.All;

    /// <summary>The top level of a document. Faults of syntax are noted too.</summary>
    /// <param name="text">The document.</param>
    /// <param name="mostFaults">How many faults are noted at most.</param>
    public static YamlFields Parse(string text, int mostFaults)
    {
        var faults = new FaultList(mostFaults);
        YamlMappingNode? root = null;
        try
        {
            CheckShape(text, faults);
            if (faults.All.Count == 0) root = ReadRoot(text, faults);
        }
        catch (YamlException e)
        {
            faults.Add(e.Start, "", e.Message);
        }
        catch (Exception e) when (e is InvalidOperationException or ArgumentException)
        {
            // The library's own, for some files that are no YAML.
            faults.Add(Mark.Empty, "", "the file is not valid YAML");
        }
        return new YamlFields(root, "", faults, () => root);
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
            decimal.TryParse(value, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var n) && n > 0 && n <= max
                && n.Scale <= 2);
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
        return new YamlFields(Find(name) as YamlMappingNode, Path(name), _faults, () => FindKey(name) ?? _place());
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
            return
            [
                .. list.Children.Select((child, i) => new YamlFields((YamlMappingNode)child, $"{Path(name)}[{i}]", _faults, () => child)),
            ];
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
            Note(key, name, $"is unknown; accepted are {string.Join(", ", _read.Order(StringComparer.Ordinal))}");
        }
    }

    public void Refuse(string name, string why)
    {
        if (Find(name) is { } node) Note(node, name, why);
    }

    public void Missing(string name, string accepted) => Note(_map, name, $"is missing; it must be {accepted}");

    private static YamlMappingNode? ReadRoot(string text, FaultList faults)
    {
        var stream = new YamlStream();
        stream.Load(new StringReader(text));
        if (stream.Documents.Count == 1 && stream.Documents[0].RootNode is YamlMappingNode root) return root;
        faults.Add(
            stream.Documents.Count == 1 ? stream.Documents[0].RootNode.Start : Mark.Empty,
            "",
            stream.Documents.Count == 1 ? "the file must be a mapping, e.g. 'version: 1'" : "the file must hold one YAML document");
        return null;
    }

    private static void CheckShape(string text, FaultList faults)
    {
        var parser = new Parser(new StringReader(text));
        var depth = 0;
        while (parser.MoveNext())
        {
            var node = parser.Current!;
            depth += node.NestingIncrease;
            // Aliases can stand for exponentially more than the file's size.
            if (node is AnchorAlias) faults.Add(node.Start, "", "aliases are not accepted; write the value out");
            if (depth <= MaxDepth) continue;
            faults.Add(node.Start, "", $"nested deeper than {MaxDepth} levels");
            return;
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
        Note(node, name, $"must be {accepted}, not {found}");
    }

    private void Note(YamlNode? node, string name, string message)
    {
        if (!_faults.IsFull) _faults.Add((node ?? _place())?.Start ?? Mark.Empty, Path(name), message);
    }

    private YamlNode? FindKey(string name) => _map?.Children.Keys.FirstOrDefault(key => (key as YamlScalarNode)?.Value == name);

    private string Path(string name) => _path.Length == 0 ? name : $"{_path}.{name}";

    private static string Cut(string value) => value.Length <= 60 ? value : value[..60] + "…";

    /// <summary>The faults of a file, up to a bound.</summary>
    private sealed class FaultList(int most)
    {
        public List<PipelineFault> All { get; } = [];

        public bool IsFull => All.Count >= most;

        public void Add(Mark at, string path, string message)
        {
            // Where the library knows no place, the file begins.
            if (!IsFull) All.Add(new PipelineFault((int)Math.Max(1, at.Line), (int)Math.Max(1, at.Column), path, message));
        }
    }
}
