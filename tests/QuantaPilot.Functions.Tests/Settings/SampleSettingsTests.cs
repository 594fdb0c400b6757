using System.Text.Json;
using Microsoft.Extensions.Configuration;
using QuantaPilot.Functions.Settings;

namespace QuantaPilot.Functions.Tests.Settings;

/// <summary>
/// local.settings.sample.json is where all settings stand; the tests of infra/ hold it against what is deployed. So none that the app
/// reads is left out of either.
/// </summary>
public sealed class SampleSettingsTests
{
    private const string Prefix = "QuantaPilot__";

    /// <summary>A value for each setting that does not stand alone.</summary>
    private static readonly Dictionary<string, string> _values = new()
    {
        ["Storage__ConnectionString"] = "UseDevelopmentStorage=true",
        ["Entra__Authority"] = "https://login.example.com/t",
        ["Entra__Audience"] = "api://quantapilot",
        ["GitHub__WebhookSecret"] = "a secret of the webhooks",
        ["Chat__0__Name"] = "default",
        ["Chat__0__Endpoint"] = "https://api.openai.com/v1",
        ["Chat__0__Model"] = "gpt-4.1",
        ["GitHub__0__Host"] = "github.com",
        ["GitHub__0__Token"] = "a-token",
        ["Agents__0__Name"] = "build-farm",
        ["Agents__0__Url"] = "https://farm.example.com/tasks",
        ["Agents__0__Secret"] = "whsec_AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyA=",
        ["PublicUrl"] = "https://pilot.example.com",
        ["EventGrid__Topics__0__Name"] = "lifecycle",
        ["EventGrid__Topics__0__Endpoint"] = "https://topic.eventgrid.azure.net/api/events",
        ["DailyLimits__0__Project"] = "*",
        ["DailyLimits__0__Usd"] = "20",
    };

    [Fact]
    public void Sample_AsItStands_IsAccepted()
    {
        var settings = Read(ReadSample());

        Assert.Equal("UseDevelopmentStorage=true", settings.Storage.ConnectionString);
        Assert.NotNull(settings.BootstrapToken);
        Assert.Equal("dotnet-isolated", ReadSample()["FUNCTIONS_WORKER_RUNTIME"]);
    }

    [Fact]
    public void Sample_EmptyValues_ChangeNothing()
    {
        var empty = ReadSample().Where(value => value.Key.StartsWith(Prefix, StringComparison.Ordinal) && value.Value.Length == 0);

        var settings = Read([.. empty, new("AzureWebJobsStorage", "UseDevelopmentStorage=true")]);

        var defaults = Read([new("AzureWebJobsStorage", "UseDevelopmentStorage=true")]);
        Assert.Equal((defaults.RateLimits, defaults.Concurrency), (settings.RateLimits, settings.Concurrency));
        Assert.Equal(defaults.Storage.TablePrefix, settings.Storage.TablePrefix);
        Assert.Equal((defaults.Metrics, defaults.RetentionDays), (settings.Metrics, settings.RetentionDays));
        Assert.Empty(settings.DailyLimits);
        Assert.Empty(settings.GitHub);
        Assert.Empty(settings.EventGridTopics);
        Assert.Null(settings.Entra);
        Assert.Null(settings.GitHubHooks);
    }

    [Fact]
    public void Sample_Names_AreThoseThatTheAppReads()
    {
        var sample = ReadSample().Keys.Where(name => name.StartsWith(Prefix, StringComparison.Ordinal)).ToList();
        // One that is not known has the others told.
        var values = _values.Select(value => KeyValuePair.Create(Prefix + value.Key, value.Value)).Append(new("QuantaPilot__Other", "x"));

        var message = Assert.Throws<InvalidSettingException>(() => Read(values)).Message;

        var known = message[(message.IndexOf(" there are ", StringComparison.Ordinal) + 11)..].TrimEnd('.').Split(", ")
            .Select(name => Prefix + name).ToList();
        // A section is told by its first number; what is in it stands beside it.
        var sections = known.Where(name => known.Exists(other => other.StartsWith($"{name}__", StringComparison.Ordinal)));
        Assert.Equal(known.Except(sections).Order(StringComparer.Ordinal), sample.Order(StringComparer.Ordinal));
    }

    private static Dictionary<string, string> ReadSample() =>
        JsonElement.Parse(File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "local.settings.sample.json")))
            .GetProperty("Values").EnumerateObject().ToDictionary(value => value.Name, value => value.Value.GetString()!);

    private static AppSettings Read(IEnumerable<KeyValuePair<string, string>> variables) => AppSettings.Read(
        new ConfigurationBuilder()
            .AddInMemoryCollection(variables.Select(
                variable => KeyValuePair.Create(variable.Key.Replace("__", ":", StringComparison.Ordinal), (string?)variable.Value)))
            .Build());
}
