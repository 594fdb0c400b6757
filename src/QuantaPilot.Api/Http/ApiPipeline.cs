using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Logging;
using QuantaPilot.Api.Access;
using QuantaPilot.Core.Runs;

namespace QuantaPilot.Api.Http;

/// <summary>What every request goes through between routing and its handler: headers, authentication, errors.</summary>
internal sealed class ApiPipeline(TokenAuthenticator authenticator, ILogger<ApiPipeline> logger)
{
    public async Task InvokeAsync(HttpContext context, RequestDelegate next)
    {
        context.Response.Headers.XContentTypeOptions = "nosniff";
        context.Response.Headers.CacheControl = "no-store";
        try
        {
            if (await RefuseAsync(context) is { } refusal) await refusal.ExecuteAsync(context);
            else await next(context);
            if (!context.Response.HasStarted && Unrouted(context) is { } problem) await problem.ExecuteAsync(context);
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            // The caller has gone: nobody is left to answer.
        }
        catch (BadHttpRequestException e) when (!context.Response.HasStarted)
        {
            await FromServer(e).ExecuteAsync(context);
        }
#pragma warning disable CA1031 // Whatever it is: the caller gets a problem and the log the fault.
        catch (Exception e) when (!context.Response.HasStarted)
#pragma warning restore CA1031
        {
            Logs.RequestFailed(logger, e, context.TraceIdentifier);
            var problem = new ProblemResult(
                StatusCodes.Status500InternalServerError, ErrorCodes.InternalError, "Something went wrong here. The request id finds it in the host's log.");
            await problem.ExecuteAsync(context);
        }
    }

    private async ValueTask<ProblemResult?> RefuseAsync(HttpContext context)
    {
        // No endpoint: an unknown path or method, which tells nothing of any run.
        if (context.GetEndpoint() is not RouteEndpoint endpoint) return null;
        var rule = endpoint.Metadata.GetMetadata<AccessRule>()
            ?? throw new InvalidOperationException($"The endpoint {endpoint.DisplayName} declares no access rule.");
        if (rule == AccessRule.Anybody) return null;
        if (await authenticator.AuthenticateAsync(context) is not { } caller)
        {
            var given = context.Request.Headers.Authorization.Count > 0;
            context.Response.Headers.WWWAuthenticate = given ? "Bearer realm=\"quantapilot\", error=\"invalid_token\"" : "Bearer realm=\"quantapilot\"";
            return new ProblemResult(
                StatusCodes.Status401Unauthorized,
                ErrorCodes.Unauthenticated,
                given ? "The token is not valid." : "A token is needed: Authorization: Bearer qp_….");
        }
        if (!caller.Has(rule))
        {
            return new ProblemResult(
                StatusCodes.Status403Forbidden,
                ErrorCodes.Forbidden,
                $"The token needs one of these roles: {string.Join(", ", rule.Roles).ToLowerInvariant()}, admin.");
        }
        caller.AttachTo(context);
        return null;
    }

    private static ProblemResult? Unrouted(HttpContext context) => context.Response.StatusCode switch
    {
        StatusCodes.Status404NotFound => ProblemResult.NotFound("There is nothing at this path."),
        StatusCodes.Status405MethodNotAllowed => new ProblemResult(
            StatusCodes.Status405MethodNotAllowed,
            ErrorCodes.MethodNotAllowed,
            $"This path takes {context.Response.Headers.Allow}."),
        _ => null,
    };

    /// <summary>Faults that the server itself finds while the body is read.</summary>
    private static ProblemResult FromServer(BadHttpRequestException e) => e.StatusCode == StatusCodes.Status413PayloadTooLarge
        ? new ProblemResult(e.StatusCode, ErrorCodes.PayloadTooLarge, $"The body is larger than {RequestBody.MaxLength} bytes.")
        : new ProblemResult(e.StatusCode, ErrorCodes.InvalidRequest, "The request is not valid HTTP, or its body came too slowly.");
}
