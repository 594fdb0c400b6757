using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.RegularExpressions;
using QuantaPilot.Core.Contracts;

namespace QuantaPilot.Infra.Tests;

/// <summary>The compiled template.</summary>
[Collection(DeploymentsOnce.Name)]
public sealed partial class TemplateTests(Deployments deployments)
{
    [Fact]
    public void Parameters_All_HaveADescription()
    {
        var parameters = Templates(deployments.Template)
            .SelectMany(template => template.TryGetProperty("parameters", out var found) ? found.EnumerateObject() : default)
            .ToList();

        Assert.NotEmpty(parameters);
        Assert.All(parameters, parameter =>
            Assert.False(string.IsNullOrWhiteSpace(parameter.Value.GetProperty("metadata").GetProperty("description").GetString())));
    }

    [Fact]
    public void Expressions_None_ReadAKey()
    {
        var expressions = Strings(deployments.Template)
            .Where(text => text.StartsWith('[') && !text.StartsWith("[[", StringComparison.Ordinal))
            .ToList();

        Assert.NotEmpty(expressions);
        Assert.DoesNotContain(expressions, ListFunction().IsMatch);
        Assert.DoesNotContain(Strings(deployments.Template), KeyInConnectionString().IsMatch);
    }

    [Fact]
    public void EventNames_OfTopics_AreThoseOfTheContract()
    {
        var contract = typeof(EventData).GetCustomAttributes(typeof(JsonDerivedTypeAttribute), inherit: false)
            .Cast<JsonDerivedTypeAttribute>()
            .Select(attribute => JsonNamingPolicy.SnakeCaseLower.ConvertName(attribute.DerivedType.Name[..^"Data".Length]));

        var names = deployments.Template.GetProperty("definitions").EnumerateObject()
            .Single(type => type.Name.EndsWith("eventName", StringComparison.Ordinal));

        Assert.Equal(contract.Order(), names.Value.GetProperty("allowedValues").EnumerateArray().Select(name => name.GetString()).Order());
    }

    /// <summary>A template and those nested in it.</summary>
    private static IEnumerable<JsonElement> Templates(JsonElement template)
    {
        yield return template;
        var resources = template.GetProperty("resources");
        IEnumerable<JsonElement> items = resources.ValueKind == JsonValueKind.Array
            ? resources.EnumerateArray()
            : resources.EnumerateObject().Select(resource => resource.Value);
        foreach (var resource in items.Where(resource => resource.GetProperty("type").GetString() == "Microsoft.Resources/deployments"))
        {
            foreach (var nested in Templates(resource.GetProperty("properties").GetProperty("template"))) yield return nested;
        }
    }

    private static IEnumerable<string> Strings(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.String => [element.GetString()!],
        JsonValueKind.Array => element.EnumerateArray().SelectMany(Strings),
        JsonValueKind.Object => element.EnumerateObject().SelectMany(member => Strings(member.Value)),
        _ => [],
    };

    [GeneratedRegex(@"\blist[A-Za-z]*\(")]
    private static partial Regex ListFunction();

    [GeneratedRegex("AccountKey=|SharedAccess|sharedkey|InstrumentationKey", RegexOptions.IgnoreCase)]
    private static partial Regex KeyInConnectionString();
}
