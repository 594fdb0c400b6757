using System.Text.Json;

namespace QuantaPilot.Infra.Tests;

/// <summary>A copy of infra/ and of what it loads, for files that tests add and Bicep writes.</summary>
internal sealed class InfraDirectory : IDisposable
{
    private const string Subscription = "00000000-0000-0000-0000-000000000001";

    /// <summary>What azd sets, and the one variable without a default.</summary>
    public static readonly IReadOnlyDictionary<string, string> AzdEnvironment = new Dictionary<string, string>
    {
        ["AZURE_ENV_NAME"] = "test",
        ["AZURE_LOCATION"] = "westeurope",
        ["QUANTAPILOT_BOOTSTRAP_TOKEN"] = "the-bootstrap-token",
    };

    private readonly string _root = Directory.CreateTempSubdirectory("quantapilot-infra-").FullName;

    public InfraDirectory()
    {
        foreach (var folder in new[] { "infra", "scripts/teams" })
        {
            var source = Path.Combine(BicepCli.RepositoryRoot, folder);
            foreach (var file in Directory.EnumerateFiles(source, "*", SearchOption.AllDirectories))
            {
                var target = Path.Combine(_root, folder, Path.GetRelativePath(source, file));
                Directory.CreateDirectory(Path.GetDirectoryName(target)!);
                File.Copy(file, target);
            }
        }
    }

    public string Infra => Path.Combine(_root, "infra");

    /// <summary>All files under infra/ with their text.</summary>
    public IReadOnlyDictionary<string, string> Texts() =>
        Directory.EnumerateFiles(Infra, "*", SearchOption.AllDirectories)
            .Order(StringComparer.Ordinal)
            .ToDictionary(file => file, File.ReadAllText);

    /// <summary>
    /// What Azure would be asked for: the template with these parameters, as far as it can be worked out before it is deployed.
    /// </summary>
    /// <param name="parameters">The content of a .bicepparam file; null for infra/main.bicepparam.</param>
    /// <param name="environment">Variables on top of <see cref="AzdEnvironment"/>.</param>
    public async Task<Snapshot> SnapshotAsync(string? parameters = null, IReadOnlyDictionary<string, string>? environment = null)
    {
        var name = "main";
        if (parameters is not null)
        {
            name = "given";
            await File.WriteAllTextAsync(Path.Combine(Infra, "given.bicepparam"), $"using 'main.bicep'\n{parameters}");
        }
        var variables = AzdEnvironment.Concat(environment ?? new Dictionary<string, string>())
            .GroupBy(pair => pair.Key)
            .ToDictionary(group => group.Key, group => group.Last().Value);
        var result = await BicepCli.RunAsync(
            Infra, variables, "snapshot", $"{name}.bicepparam", "--mode", "overwrite", "--location", "westeurope",
            "--subscription-id", Subscription, "--tenant-id", "00000000-0000-0000-0000-000000000002");
        Assert.Equal((0, ""), (result.ExitCode, result.Findings));
        return new Snapshot(await File.ReadAllTextAsync(Path.Combine(Infra, $"{name}.snapshot.json")));
    }

    /// <summary>The compiled template.</summary>
    public async Task<JsonElement> TemplateAsync()
    {
        var result = await BicepCli.RunAsync(Infra, AzdEnvironment, "build", "main.bicep", "--stdout");
        Assert.Equal((0, ""), (result.ExitCode, result.Findings));
        return JsonDocument.Parse(result.Output).RootElement;
    }

    public void Dispose() => Directory.Delete(_root, recursive: true);
}
