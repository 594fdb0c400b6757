using System.Collections.Frozen;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing.Template;

namespace QuantaPilot.Api.Http;

/// <summary>The endpoints of one resource.</summary>
internal interface IApiEndpointSource
{
    IEnumerable<ApiEndpoint> Endpoints { get; }
}

/// <summary>All endpoints of the API.</summary>
public sealed class ApiEndpoints
{
    private readonly FrozenDictionary<string, ApiEndpoint> _byName;
    private readonly List<(TemplateMatcher Path, string Method)> _paths;
    private readonly ApiPipeline _pipeline;

    internal ApiEndpoints(IEnumerable<IApiEndpointSource> sources, ApiPipeline pipeline)
    {
        _byName = sources.SelectMany(source => source.Endpoints).ToFrozenDictionary(endpoint => endpoint.Name);
        _paths = [.. _byName.Values.Select(endpoint => (new TemplateMatcher(TemplateParser.Parse(endpoint.Pattern), []), endpoint.Method))];
        _pipeline = pipeline;
    }

    public IReadOnlyCollection<ApiEndpoint> All => _byName.Values;

    /// <summary>Serves a request that a host has routed to an endpoint, from authentication to the answer.</summary>
    /// <param name="name">The <see cref="ApiEndpoint.Name"/>.</param>
    /// <param name="context">The request, with the values of the route.</param>
    /// <exception cref="KeyNotFoundException">There is no endpoint of that name.</exception>
    public Task InvokeAsync(string name, HttpContext context) => _pipeline.InvokeAsync(_byName[name], context);

    /// <summary>Answers a request that no endpoint takes: 404, or 405 with the methods that its path takes.</summary>
    public Task RefuseAsync(HttpContext context)
    {
        var path = context.Request.Path;
        var allowed = _paths.Where(known => known.Path.TryMatch(path, [])).Select(known => known.Method);
        return _pipeline.RefuseAsync(context, [.. allowed.Order(StringComparer.Ordinal)]);
    }
}

internal static class RouteValues
{
    /// <summary>A value from the path.</summary>
    public static string PathValue(this HttpContext context, string name) => context.Request.RouteValues[name] as string ?? "";
}
