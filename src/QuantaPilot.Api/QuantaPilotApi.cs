using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using QuantaPilot.Api.Access;
using QuantaPilot.Api.Access.Entra;
using QuantaPilot.Api.Agents;
using QuantaPilot.Api.Audit;
using QuantaPilot.Api.Deliveries;
using QuantaPilot.Api.Events;
using QuantaPilot.Api.Gates;
using QuantaPilot.Api.Health;
using QuantaPilot.Api.Hooks;
using QuantaPilot.Api.Http;
using QuantaPilot.Api.Limits;
using QuantaPilot.Api.OpenApi;
using QuantaPilot.Api.Retention;
using QuantaPilot.Api.RunLogs;
using QuantaPilot.Api.Runs;
using QuantaPilot.Api.Subscriptions;
using QuantaPilot.Api.Telemetry;
using QuantaPilot.Api.Tokens;
using QuantaPilot.Core.Admission;
using QuantaPilot.Core.Deliveries;
using QuantaPilot.Core.Ports;

namespace QuantaPilot.Api;

/// <summary>The HTTP API, for any host that brings the ports of Core, a <c>RepositoryPolicy</c> and a <see cref="TimeProvider"/>.</summary>
public static class QuantaPilotApi
{
    /// <summary>
    /// Adds it. A host that wants other <see cref="RateLimitOptions"/>, <see cref="ConcurrencyLimits"/> or another
    /// <see cref="IRateLimiter"/> than the one in memory adds them first.
    /// </summary>
    public static IServiceCollection AddQuantaPilotApi(this IServiceCollection services)
    {
        services.TryAddSingleton(new RateLimitOptions());
        services.TryAddSingleton(new ConcurrencyLimits());
        services.TryAddSingleton<IRateLimiter, InMemoryRateLimiter>();
        return services.AddHandlers();
    }

    /// <summary>Has Entra ID tokens accepted besides API tokens.</summary>
    /// <exception cref="FormatException">An option is not accepted; the message names it and says what is.</exception>
    public static IServiceCollection AddEntraTokens(this IServiceCollection services, EntraOptions options)
    {
        options.Validate();
        return services.AddSingleton(options).AddSingleton<EntraIssuer>().AddSingleton<EntraTokens>();
    }

    /// <summary>Has GitHub's webhooks taken.</summary>
    /// <exception cref="FormatException">A secret is not accepted; the message says why.</exception>
    public static IServiceCollection AddGitHubHooks(this IServiceCollection services, GitHubHookOptions options)
    {
        options.Validate();
        return services.AddSingleton(options).AddSingleton<CommentVotes>();
    }

    private static IServiceCollection AddHandlers(this IServiceCollection services) => services
        .AddRoutingCore()
        .AddSingleton<TokenUses>()
        .AddSingleton<TokenAuthenticator>()
        .AddSingleton<BootstrapToken>()
        .AddSingleton<RequestLimits>()
        .AddSingleton<AuditTrail>()
        .AddSingleton<ApiPipeline>()
        .AddSingleton<DeliveryRetention>()
        .AddSingleton<RetentionSweep>()
        .AddSingleton<RunProgress>()
        .AddSingleton<IStepProgress>(provider => provider.GetRequiredService<RunProgress>())
        .AddSingleton<StepTelemetry>()
        .AddSingleton<RunSignals>()
        .AddSingleton<Admissions>()
        .AddSingleton<QueuePlaces>()
        .AddSingleton<VisibleRuns>()
        .AddSingleton<UntoldRuns>()
        .AddSingleton<RunHandlers>()
        .AddSingleton<ControlHandlers>()
        .AddSingleton<RetryHandlers>()
        .AddSingleton<Decisions>()
        .AddSingleton<GateHandlers>()
        .AddSingleton<EventStream>()
        .AddSingleton<EventHandlers>()
        .AddSingleton<TokenHandlers>()
        .AddSingleton<DeliveryHandlers>()
        .AddSingleton<VisibleSubscriptions>()
        .AddSingleton<SubscriptionRequestValidator>()
        .AddSingleton<SubscriptionHandlers>()
        .AddSingleton<SubscriptionUseHandlers>()
        .AddSingleton<AuditHandlers>()
        .AddSingleton<HookedRuns>()
        .AddSingleton<GitHubHookHandlers>()
        .AddSingleton<RunLogHandlers>()
        .AddSingleton<SignedCallbacks>()
        .AddSingleton<AgentCallbackHandlers>()
        .AddSingleton<Readiness>()
        .AddSingleton<IApiEndpointSource, RunEndpoints>()
        .AddSingleton<IApiEndpointSource, GateEndpoints>()
        .AddSingleton<IApiEndpointSource, EventEndpoints>()
        .AddSingleton<IApiEndpointSource, TokenEndpoints>()
        .AddSingleton<IApiEndpointSource, DeliveryEndpoints>()
        .AddSingleton<IApiEndpointSource, SubscriptionEndpoints>()
        .AddSingleton<IApiEndpointSource, AuditEndpoints>()
        .AddSingleton<IApiEndpointSource, HookEndpoints>()
        .AddSingleton<IApiEndpointSource, RunLogEndpoints>()
        .AddSingleton<IApiEndpointSource, AgentEndpoints>()
        .AddSingleton<IApiEndpointSource, HealthEndpoints>()
        .AddSingleton<IApiEndpointSource, MetricsEndpoints>()
        .AddSingleton<IApiEndpointSource>(provider => new OpenApiEndpoints(() => provider.GetRequiredService<ApiEndpoints>().All))
        .AddSingleton(provider => new ApiEndpoints(
            provider.GetServices<IApiEndpointSource>(), provider.GetRequiredService<ApiPipeline>()));

    /// <summary>Puts the API into the request pipeline.</summary>
    public static void UseQuantaPilotApi(this WebApplication app)
    {
        var endpoints = app.Services.GetRequiredService<ApiEndpoints>();
        app.UseRouting();
        foreach (var (name, method, pattern, _, _) in endpoints.All)
            app.MapMethods(pattern, [method], context => endpoints.InvokeAsync(name, context));
        app.MapFallback("{**path}", endpoints.RefuseAsync);
    }

    /// <summary>
    /// Tells orchestrations what a crash may have kept from them, and gives the slots of runs that no longer go on to others. For a host of
    /// one process: at its start, before requests.
    /// </summary>
    public static Task TellUntoldRunsAsync(this IServiceProvider services, CancellationToken cancellationToken) =>
        services.TellAsync(pausedToo: true, cancellationToken);

    /// <summary>The same for a host of several processes, of which any may crash at any time: to be called from time to time.</summary>
    public static Task TellUntoldRunsAgainAsync(this IServiceProvider services, CancellationToken cancellationToken) =>
        services.TellAsync(pausedToo: false, cancellationToken);

    private static async Task TellAsync(this IServiceProvider services, bool pausedToo, CancellationToken cancellationToken)
    {
        await services.GetRequiredService<UntoldRuns>().TellAsync(pausedToo, cancellationToken);
        await services.GetRequiredService<Admissions>().RecoverAsync(cancellationToken);
    }
}
