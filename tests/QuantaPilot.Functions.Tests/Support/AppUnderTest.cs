using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Moq;
using QuantaPilot.Functions.Settings;
using QuantaPilot.Testing;

namespace QuantaPilot.Functions.Tests.Support;

/// <summary>The app as Program composes it, with the least that the Functions worker adds; nothing is started.</summary>
internal static class AppUnderTest
{
    /// <param name="storage">The storage account's connection string.</param>
    /// <param name="logs">Where log lines go, besides to the search for secrets.</param>
    public static ServiceProvider Compose(string storage = "UseDevelopmentStorage=true", ILoggerProvider? logs = null)
    {
        var settings = new Dictionary<string, string?> { ["AzureWebJobsStorage"] = storage };
        var services = new ServiceCollection().AddSingleton(Mock.Of<IHostApplicationLifetime>());
        services.AddLogging(logging =>
        {
            logging.AddProvider(new CheckedLogs());
            if (logs is not null) logging.AddProvider(logs);
        });
        services.AddQuantaPilot(AppSettings.Read(new ConfigurationBuilder().AddInMemoryCollection(settings).Build()));
        return services.BuildServiceProvider(new ServiceProviderOptions { ValidateOnBuild = true, ValidateScopes = true });
    }
}
