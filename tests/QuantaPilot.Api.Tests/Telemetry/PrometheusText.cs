using System.Globalization;
using System.Text.Json.Nodes;
using QuantaPilot.Api.Tests.Support;

namespace QuantaPilot.Api.Tests.Telemetry;

/// <summary>What Prometheus makes of an answer, by a parser that is not ours.</summary>
internal sealed class PrometheusText
{
    private readonly JsonArray _families;
    private readonly JsonArray _samples;

    private PrometheusText(JsonNode parsed)
    {
        _families = parsed["families"]!.AsArray();
        _samples = parsed["samples"]!.AsArray();
    }

    public IEnumerable<string> Names => _families.Select(family => (string)family!["name"]!);

    public static async Task<PrometheusText> ParseAsync(string text)
    {
        using var directory = new TempDirectory();
        await File.WriteAllTextAsync(directory.File("metrics.txt"), text);
        var (exit, output) = await NodeScript.RunAsync("prometheus.mjs", directory.File("metrics.txt"));
        Assert.True(exit == 0, output);
        return new PrometheusText(JsonNode.Parse(output)!);
    }

    /// <summary>The type of a family: COUNTER, GAUGE or HISTOGRAM.</summary>
    public string TypeOf(string name) => (string)_families.Single(family => (string)family!["name"]! == name)!["type"]!;

    /// <summary>The value of all series of this name with these labels together.</summary>
    public double Sum(string name, params (string Name, string Value)[] labels) => _samples
        .Where(family => (string)family!["name"]! == name)
        .SelectMany(family => family!["metrics"]!.AsArray())
        .Where(series => labels.All(label => (string?)series!["labels"]?[label.Name] == label.Value))
        .Sum(series => double.Parse((string)series!["value"]!, CultureInfo.InvariantCulture));
}
