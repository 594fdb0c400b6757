using System.Text.Json;
using System.Text.RegularExpressions;

namespace QuantaPilot.Infra.Tests;

/// <summary>The resources of a deployment. What is known only once it runs stands there as a template expression.</summary>
internal sealed partial class Snapshot
{
    private static readonly Dictionary<string, string> _roles = new()
    {
        ["b7e6dc6d-f1e8-4753-8033-0f276bb0955b"] = "Storage Blob Data Owner",
        ["ba92f5b4-2d11-453d-a403-e96b0029c9fe"] = "Storage Blob Data Contributor",
        ["974c5e8b-45b9-4653-ba55-5f855dd0fb88"] = "Storage Queue Data Contributor",
        ["c6a89b2d-59bc-44d0-9896-0f6e12d7b80a"] = "Storage Queue Data Message Sender",
        ["8a0f0c08-91a1-4084-bc3d-661d67233fed"] = "Storage Queue Data Message Processor",
        ["0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3"] = "Storage Table Data Contributor",
        ["d5a91429-5739-47e2-a06b-3470a27159e7"] = "EventGrid Data Sender",
        ["4633458b-17de-408a-b874-0445c86b69e6"] = "Key Vault Secrets User",
        ["3913510d-42f4-4e42-8a64-420c390055eb"] = "Monitoring Metrics Publisher",
        ["0ad04412-c4d5-4796-b79c-f76d14c8d402"] = "Durable Task Data Contributor",
    };

    private readonly JsonElement _root;

    public Snapshot(string json)
    {
        Json = json;
        _root = JsonDocument.Parse(json).RootElement;
        // A module that can't be worked out beforehand is reported here instead of being among the resources.
        Assert.Empty(_root.GetProperty("diagnostics").EnumerateArray());
    }

    public string Json { get; }

    /// <summary>The resources of a type.</summary>
    public IReadOnlyList<JsonElement> Of(string type) =>
        [.. _root.GetProperty("predictedResources").EnumerateArray().Where(resource => resource.GetProperty("type").GetString() == type)];

    public JsonElement Single(string type) => Assert.Single(Of(type));

    /// <summary>Who has which role on what, as <c>who: role @ what</c>, sorted.</summary>
    public IReadOnlyList<string> Roles() =>
    [
        .. Of("Microsoft.Authorization/roleAssignments").Select(assignment =>
        {
            var properties = assignment.GetProperty("properties");
            var role = properties.GetProperty("roleDefinitionId").GetString()!.Split('/')[^1];
            var who = Who(properties.GetProperty("principalId").GetString()!);
            return $"{who}: {_roles[role]} @ {Scope(assignment.GetProperty("id").GetString()!)}";
        }).Order(StringComparer.Ordinal),
    ];

    /// <summary>The environment variables of the app.</summary>
    public IReadOnlyDictionary<string, string> AppSettings() =>
        Single("Microsoft.Web/sites").GetProperty("properties").GetProperty("siteConfig").GetProperty("appSettings").EnumerateArray()
            .ToDictionary(setting => setting.GetProperty("name").GetString()!, setting => setting.GetProperty("value").GetString()!);

    private static string Who(string principal) => principal switch
    {
        _ when principal.Contains("'appIdentity-", StringComparison.Ordinal) => "app",
        _ when principal.Contains("'deliveryIdentity-", StringComparison.Ordinal) => "event grid",
        _ when principal.Contains("/Microsoft.Logic/workflows/", StringComparison.Ordinal) => "workflow",
        _ => principal,
    };

    /// <summary>The last two segments of the resource that a role is assigned on, without what makes its name unique.</summary>
    private static string Scope(string id)
    {
        var resource = id[..id.IndexOf("/providers/Microsoft.Authorization/", StringComparison.Ordinal)].Split('/');
        return $"{resource[^2]}/{UniqueString().Replace(resource[^1], "")}";
    }

    [GeneratedRegex("-?[a-z0-9]{13}$")]
    private static partial Regex UniqueString();
}
