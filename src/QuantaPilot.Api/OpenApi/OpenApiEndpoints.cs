using Microsoft.AspNetCore.Http;
using QuantaPilot.Api.Access;
using QuantaPilot.Api.Http;

namespace QuantaPilot.Api.OpenApi;

/// <summary><c>/openapi.json</c>: the API in its own words. It is the same for everybody and tells nothing of any run.</summary>
/// <param name="table">All endpoints, this one among them: asked for with the first request.</param>
internal sealed class OpenApiEndpoints(Func<IEnumerable<ApiEndpoint>> table) : IApiEndpointSource
{
    private readonly Lazy<byte[]> _document = new(() => OpenApiDocument.Write(table()));

    public IEnumerable<ApiEndpoint> Endpoints =>
    [
        new("GetOpenApi", "GET", "/openapi.json", AccessRule.Anybody, GetAsync),
    ];

    private Task<IResult> GetAsync(HttpContext context) =>
        Task.FromResult<IResult>(TypedResults.Bytes(_document.Value, "application/json"));
}
