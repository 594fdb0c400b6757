using System.Text.Json;
using System.Text.RegularExpressions;

namespace QuantaPilot.Infra.Tests;

/// <summary>
/// local.settings.sample.json has all settings that the app reads, as the tests of QuantaPilot.Functions see to; here it is held against
/// what is deployed and what the README says.
/// </summary>
[Collection(DeploymentsOnce.Name)]
public sealed partial class SettingNameTests(Deployments deployments)
{
    /// <summary>Keys, which nothing that is deployed has: the app goes by its identity.</summary>
    private static readonly string[] _keys = ["QuantaPilot__Storage__ConnectionString", "QuantaPilot__EventGrid__Topics__N__Key"];

    private static readonly string[] _sample = ReadSample();

    [Fact]
    public async Task Deployment_WithEverything_HasEachSettingOfTheSampleAndNoOther()
    {
        using var directory = new InfraDirectory();
        var variables = new Dictionary<string, string> { ["QUANTAPILOT_GITHUB_TOKEN"] = "a-token" };
        var withToken = await directory.SnapshotAsync(environment: variables);

        var deployed = deployments.Full.AppSettings().Keys.Concat(withToken.AppSettings().Keys)
            .Where(name => name.StartsWith("QuantaPilot__", StringComparison.Ordinal))
            .Select(Numbered);

        Assert.Equal(
            _sample.Select(Numbered).Except(_keys).Order(StringComparer.Ordinal),
            deployed.Distinct().Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Readme_Settings_AreThoseOfTheSample()
    {
        var readme = File.ReadAllLines(Path.Combine(BicepCli.RepositoryRoot, "README.md"));

        Assert.All(_sample, name =>
        {
            var parts = Numbered(name).Split("__").Where(part => part != "N").ToList();
            Assert.Contains(readme, line =>
                line.StartsWith($"| `{parts[0]}__{parts[1]}", StringComparison.Ordinal) && Regex.IsMatch(line, $@"__{parts[^1]}(`|__\d)"));
        });
    }

    [Fact]
    public async Task ParameterFile_Variables_AreThoseOfTheReadme()
    {
        var readme = await File.ReadAllTextAsync(Path.Combine(BicepCli.RepositoryRoot, "infra/README.md"));
        var parameters = await File.ReadAllTextAsync(Path.Combine(BicepCli.RepositoryRoot, "infra/main.bicepparam"));

        var variables = Variable().Matches(parameters).Select(match => match.Value).Distinct().ToList();

        Assert.NotEmpty(variables);
        Assert.All(variables, variable => Assert.Contains($"`{variable}`", readme, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Variables_OfLimitsAgentsAndWebhooks_AreTaken()
    {
        using var directory = new InfraDirectory();

        var snapshot = await directory.SnapshotAsync(environment: new Dictionary<string, string>
        {
            ["QUANTAPILOT_RUNNING"] = "30",
            ["QUANTAPILOT_RUNNING_PER_BRANCH"] = "1",
            ["QUANTAPILOT_DAILY_USD"] = "12.50",
            ["QUANTAPILOT_AGENT_NAME"] = "build_farm",
            ["QUANTAPILOT_AGENT_URL"] = "https://farm.example/tasks",
            ["QUANTAPILOT_AGENT_SECRET"] = "the-agent-secret",
            ["QUANTAPILOT_PUBLIC_URL"] = "https://pilot.example",
            ["QUANTAPILOT_GITHUB_WEBHOOK_SECRET"] = "the-hook-secret",
            ["QUANTAPILOT_GITHUB_APPROVERS"] = "octocat olga",
            ["QUANTAPILOT_METRICS"] = "true",
        });

        var settings = snapshot.AppSettings();
        Assert.Equal(("30", "0", "1"), (
            settings["QuantaPilot__Concurrency__Running"],
            settings["QuantaPilot__Concurrency__RunningPerProject"],
            settings["QuantaPilot__Concurrency__RunningPerBranch"]));
        Assert.Equal(("*", "12.50"), (settings["QuantaPilot__DailyLimits__0__Project"], settings["QuantaPilot__DailyLimits__0__Usd"]));
        Assert.False(settings.ContainsKey("QuantaPilot__DailyLimits__0__Tokens"));
        Assert.Equal(
            ("build_farm", "https://farm.example/tasks", "https://pilot.example"),
            (settings["QuantaPilot__Agents__0__Name"], settings["QuantaPilot__Agents__0__Url"], settings["QuantaPilot__PublicUrl"]));
        Assert.EndsWith(";SecretName=agent-build-farm)", settings["QuantaPilot__Agents__0__Secret"], StringComparison.Ordinal);
        Assert.EndsWith(";SecretName=github-webhook-secret)", settings["QuantaPilot__GitHub__WebhookSecret"], StringComparison.Ordinal);
        Assert.False(settings.ContainsKey("QuantaPilot__GitHub__FormerWebhookSecret"));
        Assert.Equal("olga", settings["QuantaPilot__GitHub__Approvers__1"]);
        Assert.Equal("true", settings["QuantaPilot__Metrics"]);
        Assert.DoesNotContain("the-agent-secret", snapshot.Json, StringComparison.Ordinal);
        Assert.DoesNotContain("the-hook-secret", snapshot.Json, StringComparison.Ordinal);
    }

    private static string Numbered(string name) => Number().Replace(name, "__N");

    private static string[] ReadSample()
    {
        using var sample = JsonDocument.Parse(File.ReadAllText(Path.Combine(BicepCli.RepositoryRoot, "local.settings.sample.json")));
        return
        [
            .. sample.RootElement.GetProperty("Values").EnumerateObject().Select(value => value.Name)
                .Where(name => name.StartsWith("QuantaPilot__", StringComparison.Ordinal)),
        ];
    }

    [GeneratedRegex("__[0-9]+")]
    private static partial Regex Number();

    [GeneratedRegex("QUANTAPILOT_[A-Z_]+")]
    private static partial Regex Variable();
}
