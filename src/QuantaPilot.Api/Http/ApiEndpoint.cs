using Microsoft.AspNetCore.Http;
using QuantaPilot.Api.Access;
using QuantaPilot.Api.Limits;

namespace QuantaPilot.Api.Http;

/// <summary>Answers a request that was authenticated and may use the endpoint.</summary>
public delegate Task<IResult> ApiHandler(HttpContext context);

/// <summary>One endpoint of the API: every host serves all of them at the same method and path.</summary>
/// <param name="Name">Unique, in PascalCase: what the Functions app names its trigger.</param>
/// <param name="Method">The HTTP method.</param>
/// <param name="Pattern">The route pattern, beginning with a slash.</param>
/// <param name="Rule">Who may use it.</param>
/// <param name="Handler">What answers.</param>
public sealed record ApiEndpoint(string Name, string Method, string Pattern, AccessRule Rule, ApiHandler Handler)
{
    /// <summary>Which rate limit it counts against. Default: that of reads for GET, else that of writes.</summary>
    public RequestKind Kind { get; init; } = Method == "GET" ? RequestKind.Read : RequestKind.Write;
}
