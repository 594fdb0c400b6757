using System.Globalization;
using Microsoft.Extensions.Configuration;

namespace QuantaPilot.Functions.Settings;

/// <summary>A setting is not accepted. The message names it as an environment variable and says what is accepted.</summary>
public sealed class InvalidSettingException(string message) : Exception(message);

/// <summary>Reads settings; those that are ill-formed or unknown are refused by name. An empty value counts as none.</summary>
internal sealed class SettingsReader(IConfigurationSection section)
{
    private readonly SortedSet<string> _known = new(StringComparer.OrdinalIgnoreCase);

    public string? Text(string name)
    {
        _known.Add(name);
        return section[name] is { } text && !string.IsNullOrWhiteSpace(text) ? text.Trim() : null;
    }

    public int Number(string name, int absent, int max)
    {
        if (Text(name) is not { } text) return absent;
        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number <= max
            ? number
            : throw Refuse(name, $"must be an integer from 0 to {max}, not '{text}'.");
    }

    /// <summary>The values of <c>name:0</c>, <c>name:1</c> and so on, with these names.</summary>
    public IReadOnlyList<(string Name, string Value)> List(string name)
    {
        // Shown to whoever misspells it.
        _known.Add($"{name}:0");
        var names = section.GetSection(name).GetChildren().Select(child => $"{name}:{child.Key}").ToList();
        return [.. names.Select(item => (item, Text(item)!)).Where(item => item.Item2 is not null)];
    }

    /// <summary>The sections <c>name:0</c>, <c>name:1</c> and so on, as far as a value is given in them.</summary>
    public IReadOnlyList<string> Children(string name)
    {
        // Shown to whoever misspells it.
        _known.Add($"{name}:0");
        return [.. section.GetSection(name).GetChildren().Where(IsGiven).Select(child => $"{name}:{child.Key}")];
    }

    /// <summary>To be called once everything is read: a misspelt setting would otherwise have no effect and nobody would know.</summary>
    /// <exception cref="InvalidSettingException">There is a setting that nobody has asked for.</exception>
    public void RefuseUnknown()
    {
        var given = section.AsEnumerable(makePathsRelative: true)
            .Where(entry => !string.IsNullOrWhiteSpace(entry.Value))
            .Select(entry => entry.Key);
        if (given.FirstOrDefault(name => !_known.Contains(name)) is not { } unknown) return;
        throw Refuse(unknown, $"is not known. In {section.Path}__ there are {string.Join(", ", _known.Select(Variable))}.");
    }

    public InvalidSettingException Refuse(string name, string fault) => new($"The setting {Variable($"{section.Path}:{name}")} {fault}");

    private static bool IsGiven(IConfigurationSection section) =>
        section.AsEnumerable().Any(entry => !string.IsNullOrWhiteSpace(entry.Value));

    private static string Variable(string name) => name.Replace(":", "__", StringComparison.Ordinal);
}
