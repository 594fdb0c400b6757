using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using System.Text.Json;

namespace QuantaPilot.Functions.Tests.Settings;

/// <summary>The Functions host passes over what it does not know in host.json, so that a slip of the pen would go unnoticed.</summary>
public sealed class HostJsonTests
{
    /// <summary>host.json as it lies beside the app.</summary>
    private static readonly JsonElement _host = Read("host.json");

    private static JsonElement Durable => _host.GetProperty("extensions").GetProperty("durableTask");

    [Fact]
    public void RoutePrefix_IsEmpty_SoThatPathsAreTheApisOwn() =>
        Assert.Equal("", _host.GetProperty("extensions").GetProperty("http").GetProperty("routePrefix").GetString());

    [Fact]
    public void DurableTask_NamesSettingsOfTheExtension()
    {
        AssertKnown(Durable, "DurableTaskOptions");
        AssertKnown(Durable.GetProperty("storageProvider"), "AzureStorageOptions", "type");
        AssertKnown(Durable.GetProperty("tracing"), "TraceOptions");
    }

    [Fact]
    public void Versioning_LetsRunsInFlightGoOnAndLeavesNewerOnesToNewerHosts()
    {
        // System.Version reads it: "1.10" is then newer than "1.9", which as texts it would not be.
        Assert.True(Version.TryParse(Durable.GetProperty("defaultVersion").GetString(), out _));
        var match = Durable.GetProperty("versionMatchStrategy").GetString();
        var failure = Durable.GetProperty("versionFailureStrategy").GetString();
        Assert.Equal(("CurrentOrOlder", "Reject"), (match, failure));
        Assert.Contains(match, EnumMembers("DurableTask.Core", "VersionMatchStrategy"));
        Assert.Contains(failure, EnumMembers("DurableTask.Core", "VersionFailureStrategy"));
    }

    [Fact]
    public void RaiseEvent_DoesNotLookAtTheInstanceTwice() =>
        Assert.False(Durable.GetProperty("throwStatusExceptionsOnRaiseEvent").GetBoolean());

    private static void AssertKnown(JsonElement settings, string optionsType, params string[] others)
    {
        var known = Members("Microsoft.Azure.WebJobs.Extensions.DurableTask", optionsType).Concat(others)
            .ToHashSet(StringComparer.OrdinalIgnoreCase);
        Assert.All(settings.EnumerateObject(), setting => Assert.Contains(setting.Name, known));
    }

    private static JsonElement Read(string name) => JsonElement.Parse(File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, name)));

    private static IReadOnlyList<string> Members(string assembly, string type) => Inspect(assembly, type, (reader, definition) =>
        [.. definition.GetProperties().Select(handle => reader.GetString(reader.GetPropertyDefinition(handle).Name))]);

    private static IReadOnlyList<string> EnumMembers(string assembly, string type) => Inspect(assembly, type, (reader, definition) =>
        [.. definition.GetFields().Select(reader.GetFieldDefinition).Where(field => field.Attributes.HasFlag(FieldAttributes.Literal))
            .Select(field => reader.GetString(field.Name))]);

    /// <summary>Reads an assembly of the host's extensions, which are no references of the app: it is not loaded.</summary>
    private static IReadOnlyList<string> Inspect(
        string assembly, string type, Func<MetadataReader, TypeDefinition, IReadOnlyList<string>> inspect)
    {
        using var file = new PEReader(File.OpenRead(Path.Combine(AppContext.BaseDirectory, ".azurefunctions", $"{assembly}.dll")));
        var reader = file.GetMetadataReader();
        var definition = reader.TypeDefinitions.Select(reader.GetTypeDefinition).Single(t => reader.GetString(t.Name) == type);
        return inspect(reader, definition);
    }
}
