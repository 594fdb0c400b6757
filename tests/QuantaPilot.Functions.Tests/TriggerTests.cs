using System.Reflection;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Moq;
using QuantaPilot.Api;
using QuantaPilot.Api.Http;
using QuantaPilot.Core.Activities;
using QuantaPilot.Core.Orchestrations;
using QuantaPilot.Core.Ports;
using QuantaPilot.Core.Runs;
using QuantaPilot.Functions.Durable;
using QuantaPilot.Functions.Http;

namespace QuantaPilot.Functions.Tests;

public sealed class TriggerTests
{
    [Fact]
    public void HttpTriggers_EndpointsOfTheApi_AreTheSame()
    {
        var triggers = Functions(typeof(ApiFunctions))
            .Select(function => (function.Name, Trigger: function.Trigger<HttpTriggerAttribute>()))
            .Where(function => function.Trigger.Route != "{*path}")
            .Select(function => (function.Name, Method: Assert.Single(function.Trigger.Methods!).ToUpperInvariant(), Path: "/" + function.Trigger.Route));

        Assert.Equal(Endpoints().All.Select(e => (e.Name, e.Method, e.Pattern)).Order(), triggers.Order());
    }

    [Fact]
    public void HttpTriggers_OfAnyPath_IsTheLastByName()
    {
        var names = Functions(typeof(ApiFunctions)).OrderBy(function => function.Name, StringComparer.OrdinalIgnoreCase);

        Assert.Equal("{*path}", names.Last().Trigger<HttpTriggerAttribute>().Route);
    }

    [Fact]
    public void HttpTriggers_AllOfThem_LeaveTheAccessToTheApi()
    {
        Assert.All(Functions(typeof(ApiFunctions)), function =>
            Assert.Equal(AuthorizationLevel.Anonymous, function.Trigger<HttpTriggerAttribute>().AuthLevel));
    }

    [Fact]
    public void DurableTriggers_NamesInHistories_AreAllThere()
    {
        var names = typeof(ActivityNames).GetFields(BindingFlags.Public | BindingFlags.Static).Select(field => (string)field.GetValue(null)!);

        Assert.Equal(names.Append(RunOrchestration.Name).Order(), Functions(typeof(RunFunctions)).Select(function => function.Name).Order());
    }

    private static ApiEndpoints Endpoints() => new ServiceCollection()
        .AddLogging()
        .AddSingleton(Mock.Of<IRunStore>())
        .AddSingleton(Mock.Of<ITokenStore>())
        .AddSingleton(Mock.Of<IOrchestrationClient>())
        .AddSingleton(Mock.Of<IHostApplicationLifetime>())
        .AddSingleton(TimeProvider.System)
        .AddSingleton(new RepositoryPolicy(["https://*"]))
        .AddQuantaPilotApi()
        .BuildServiceProvider()
        .GetRequiredService<ApiEndpoints>();

    private static IEnumerable<Function> Functions(Type type) =>
        from method in type.GetMethods(BindingFlags.Public | BindingFlags.Instance | BindingFlags.Static)
        let attribute = method.GetCustomAttribute<FunctionAttribute>()
        where attribute is not null
        select new Function(attribute.Name, method);

    private sealed record Function(string Name, MethodInfo Method)
    {
        public T Trigger<T>()
            where T : Attribute => Method.GetParameters()[0].GetCustomAttribute<T>()!;
    }
}
