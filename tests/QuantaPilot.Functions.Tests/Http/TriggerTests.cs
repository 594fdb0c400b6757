using System.Reflection;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using QuantaPilot.Api.Http;
using QuantaPilot.Core.Activities;
using QuantaPilot.Core.Orchestrations;
using QuantaPilot.Functions.Http;
using QuantaPilot.Functions.Tests.Support;

namespace QuantaPilot.Functions.Tests.Http;

/// <summary>The triggers are the tables of endpoints and activities, written out: these tests tell who has forgotten one.</summary>
public sealed class TriggerTests
{
    private static readonly IReadOnlyList<(string Name, MethodInfo Method)> _functions =
    [
        .. from type in typeof(ApiFunctions).Assembly.GetTypes()
           from method in type.GetMethods()
           let function = method.GetCustomAttribute<FunctionAttribute>()
           where function is not null
           select (function.Name, method),
    ];

    [Fact]
    public async Task HttpTriggers_AreTheEndpointsOfTheApi()
    {
        await using var app = AppUnderTest.Compose();
        var endpoints = app.GetRequiredService<ApiEndpoints>().All.Select(
            endpoint => $"{endpoint.Name} {endpoint.Method} {endpoint.Pattern}");
        var triggers = HttpTriggers().Where(trigger => trigger.Name != nameof(ApiFunctions.UnknownPath))
            .Select(trigger => $"{trigger.Name} {string.Join(',', trigger.Http.Methods ?? [])} /{trigger.Http.Route}");
        Assert.Equal(endpoints.Order(), triggers.Order());
    }

    [Fact]
    public void HttpTriggers_AreNamedAsTheirMethods() => Assert.All(
        HttpTriggers(), trigger => Assert.Equal(trigger.Name, trigger.Method.Name));

    [Fact]
    public void HttpTriggers_AreOpenToTheApisOwnTokens() => Assert.All(
        HttpTriggers(), trigger => Assert.Equal(AuthorizationLevel.Anonymous, trigger.Http.AuthLevel));

    [Fact]
    public void UnknownPath_TakesEveryPathAndMethodAndComesLast()
    {
        var (_, _, http) = Assert.Single(HttpTriggers(), trigger => trigger.Name == nameof(ApiFunctions.UnknownPath));
        Assert.Equal("{*path}", http.Route);
        Assert.Null(http.Methods);
        Assert.Equal(
            nameof(ApiFunctions.UnknownPath),
            HttpTriggers().Select(trigger => trigger.Name).Order(StringComparer.OrdinalIgnoreCase).Last());
    }

    [Fact]
    public void ActivityTriggers_AreTheActivities()
    {
        var names = typeof(ActivityNames).GetFields(BindingFlags.Public | BindingFlags.Static)
            .Select(field => (string)field.GetRawConstantValue()!);
        Assert.Equal(names.Order(), Names<ActivityTriggerAttribute>().Order());
    }

    [Fact]
    public void OrchestrationTriggers_AreTheOrchestrations() =>
        Assert.Equal([DeliveryOrchestration.Name, RunOrchestration.Name], Names<OrchestrationTriggerAttribute>().Order());

    [Fact]
    public void Triggers_ThatMayTellOrchestrations_HaveAClient() => Assert.All(
        _functions.Where(
            function => !Has<OrchestrationTriggerAttribute>(function.Method) && function.Name != nameof(ApiFunctions.UnknownPath)),
        function => Assert.True(Has<DurableClientAttribute>(function.Method), function.Name));

    [Fact]
    public async Task Functions_AllOfThem_CanBeMade()
    {
        await using var app = AppUnderTest.Compose();
        var types = _functions.Select(function => function.Method.DeclaringType!).Distinct().ToList();
        Assert.All(types, type => Assert.NotNull(ActivatorUtilities.CreateInstance(app, type)));
        Assert.NotEmpty(app.GetServices<IHostedService>());
    }

    private static List<(string Name, MethodInfo Method, HttpTriggerAttribute Http)> HttpTriggers() =>
    [
        .. from function in _functions
           let http = function.Method.GetParameters()[0].GetCustomAttribute<HttpTriggerAttribute>()
           where http is not null
           select (function.Name, function.Method, http),
    ];

    private static IEnumerable<string> Names<TTrigger>()
        where TTrigger : Attribute => _functions.Where(function => Has<TTrigger>(function.Method)).Select(function => function.Name);

    private static bool Has<TAttribute>(MethodInfo method)
        where TAttribute : Attribute => method.GetParameters().Any(parameter => parameter.GetCustomAttribute<TAttribute>() is not null);
}
