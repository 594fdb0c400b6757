using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Moq;
using QuantaPilot.Functions.Settings;

namespace QuantaPilot.Functions.Tests.Support;

/// <summary>The app as Program composes it, with the least that the Functions worker adds; nothing is started.</summary>
internal static class AppUnderTest
{
    public static ServiceProvider Compose()
    {
        var settings = new Dictionary<string, string?> { ["AzureWebJobsStorage"] = "UseDevelopmentStorage=true" };
        var services = new ServiceCollection().AddLogging().AddSingleton(Mock.Of<IHostApplicationLifetime>());
        services.AddQuantaPilot(AppSettings.Read(new ConfigurationBuilder().AddInMemoryCollection(settings).Build()));
        return services.BuildServiceProvider(new ServiceProviderOptions { ValidateOnBuild = true, ValidateScopes = true });
    }
}
