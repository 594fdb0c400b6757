using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using QuantaPilot.Api.Access;

namespace QuantaPilot.Api.Http;

internal delegate Task<IResult> ApiHandler(HttpContext context);

internal static class ApiRoutes
{
    /// <summary>Maps a handler: a path cannot be opened without saying to whom.</summary>
    public static void MapApi(this IEndpointRouteBuilder routes, string method, string pattern, AccessRule rule, ApiHandler handler) =>
        routes.MapMethods(pattern, [method], new RequestDelegate(async context => await (await handler(context)).ExecuteAsync(context)))
            .WithMetadata(rule);

    /// <exception cref="InvalidOperationException">An endpoint declares no access rule.</exception>
    public static void RequireAccessRules(this IEndpointRouteBuilder routes)
    {
        foreach (var endpoint in routes.DataSources.SelectMany(source => source.Endpoints))
        {
            if (endpoint.Metadata.GetMetadata<AccessRule>() is null)
                throw new InvalidOperationException($"The endpoint {endpoint.DisplayName} declares no access rule.");
        }
    }

    /// <summary>A value from the path.</summary>
    public static string PathValue(this HttpContext context, string name) => context.Request.RouteValues[name] as string ?? "";
}
