using System.Globalization;
using System.Text.RegularExpressions;
using QuantaPilot.Integrations.Outline.Reading;
using YamlDotNet.RepresentationModel;

namespace QuantaPilot.Integrations.Outline.Writing;

/// <summary>The front matter of a document and the rules that it must keep.</summary>
internal sealed record FrontMatter(string Id, string Title, string Status, string Version, string Updated, IReadOnlyList<string> Owners)
{
    private static readonly string[] Fields = ["id", "title", "status", "version", "updated", "owners"];
    private static readonly string[] Statuses = ["draft", "review", "ready", "approved", "superseded"];
    private static readonly Regex SemanticVersion = Patterns.Linear(@"^[0-9]+\.[0-9]+\.[0-9]+(-[0-9A-Za-z.-]+)?$");

    public string ToYaml() =>
        $"---\nid: {Quote(Id)}\ntitle: {Quote(Title)}\nstatus: {Quote(Status)}\nversion: {Quote(Version)}\nupdated: {Quote(Updated)}\nowners: [{string.Join(", ", Owners.Select(Quote))}]\n---\n";

    /// <summary>What is wrong with a document's front matter, each fault naming its field; empty if nothing is.</summary>
    /// <param name="text">The whole document.</param>
    /// <param name="id">The id that the file's name asks for.</param>
    public static IReadOnlyList<string> Check(string text, string id)
    {
        if (Split(text) is not { } yaml) return ["front matter is missing: the file must start with a block between two lines of ---"];
        YamlNode? node;
        try
        {
            node = Formats.Yaml(yaml);
        }
        catch (FormatException e)
        {
            return [$"front matter is {e.Message}"];
        }
        if (node is not YamlMappingNode) return ["front matter must be a mapping with " + string.Join(", ", Fields)];
        var faults = new List<string>();
        Must("id", v => v == id, $"must be '{id}'");
        Must("title", v => v.Trim().Length > 0, "must not be empty");
        Must("status", Statuses.Contains, $"must be one of {string.Join(", ", Statuses)}");
        Must("version", SemanticVersion.IsMatch, "must be a semantic version such as '0.1.0'");
        Must(
            "updated",
            v => DateOnly.TryParseExact(v, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out _),
            "must be a date such as '2025-08-19'");
        if (node.Child("owners") is not YamlSequenceNode { Children.Count: > 0 } owners
            || owners.Children.Any(o => string.IsNullOrWhiteSpace(o.Text())))
        {
            faults.Add("owners must be a list of at least one name");
        }
        faults.AddRange(
            node.Members().Where(m => !Fields.Contains(m.Name)).Select(m => $"{m.Name} is unknown; known are {string.Join(", ", Fields)}"));
        return faults;

        void Must(string field, Func<string, bool> holds, string rule)
        {
            if (node.Text(field) is not { } value) faults.Add($"{field} is missing: it {rule}");
            else if (!holds(value)) faults.Add($"{field} {rule}");
        }
    }

    /// <summary>The value of <c>updated</c>, or null if there is none.</summary>
    public static string? UpdatedOf(string text)
    {
        try
        {
            return Split(text) is { } yaml ? Formats.Yaml(yaml).Text("updated") : null;
        }
        catch (FormatException)
        {
            return null;
        }
    }

    private static string? Split(string text)
    {
        var normal = text.ReplaceLineEndings("\n");
        if (!normal.StartsWith("---\n", StringComparison.Ordinal)) return null;
        var end = normal.IndexOf("\n---\n", 3, StringComparison.Ordinal);
        return end < 0 ? null : normal[4..(end + 1)];
    }

    private static string Quote(string value) => $"'{value.Replace("'", "''", StringComparison.Ordinal)}'";
}
