using System.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using QuantaPilot.Api.Access;
using QuantaPilot.Api.Audit;
using QuantaPilot.Api.Limits;
using QuantaPilot.Core.Ports;
using QuantaPilot.Core.Runs;
using QuantaPilot.Core.Telemetry;

namespace QuantaPilot.Api.Http;

/// <summary>What every request goes through once it is routed: headers, authentication, rate limits, its handler, errors.</summary>
internal sealed class ApiPipeline(TokenAuthenticator authenticator, RequestLimits limits, AuditTrail audit, ILogger<ApiPipeline> logger)
{
    /// <summary>Serves a request to an endpoint.</summary>
    public Task InvokeAsync(ApiEndpoint endpoint, HttpContext context) => GuardAsync(context, async () =>
    {
        if (RunId.TryParse(context.PathValue("run_id"), out var runId)) RunTags.Set(Activity.Current, runId, null);
        var answer = await RefuseAsync(endpoint, context) ?? await endpoint.Handler(context);
        await answer.ExecuteAsync(context);
    });

    /// <summary>Answers a request that no endpoint takes. It tells nothing of any run, so it needs no token.</summary>
    public Task RefuseAsync(HttpContext context, IReadOnlyList<string> allowed) => GuardAsync(context, () =>
    {
        if (allowed.Count == 0) return ProblemResult.NotFound("There is nothing at this path.").ExecuteAsync(context);
        var methods = string.Join(", ", allowed);
        context.Response.Headers.Allow = methods;
        var problem = new ProblemResult(StatusCodes.Status405MethodNotAllowed, ErrorCodes.MethodNotAllowed, $"This path takes {methods}.");
        return problem.ExecuteAsync(context);
    });

    private async Task GuardAsync(HttpContext context, Func<Task> answer)
    {
        SecurityHeaders.Add(context.Response.Headers);
        try
        {
            await answer();
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            // The caller has gone: nobody is left to answer.
        }
        catch (BadHttpRequestException e) when (!context.Response.HasStarted)
        {
            await FromServer(e).ExecuteAsync(context);
        }
        catch (OrchestrationBusyException) when (!context.Response.HasStarted)
        {
            context.Response.Headers.RetryAfter = "5";
            var problem = new ProblemResult(
                StatusCodes.Status503ServiceUnavailable, ErrorCodes.Unavailable, "The run has not begun yet and can't be told anything: repeat the request.");
            await problem.ExecuteAsync(context);
        }
        catch (StorageUnavailableException e) when (!context.Response.HasStarted)
        {
            Logs.StorageUnavailable(logger, e, context.TraceIdentifier);
            // One that refuses the credentials has to be mended first.
            context.Response.Headers.RetryAfter = e.IsRefusal ? "60" : "5";
            var problem = new ProblemResult(
                StatusCodes.Status503ServiceUnavailable,
                ErrorCodes.Unavailable,
                "The storage of this host is unavailable: repeat the request later. The request id finds the cause in the host's log.");
            await problem.ExecuteAsync(context);
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

    private async ValueTask<ProblemResult?> RefuseAsync(ApiEndpoint endpoint, HttpContext context)
    {
        var rule = endpoint.Rule;
        if (rule == AccessRule.Anybody || rule.IsSigned) return null;
        var authentication = await authenticator.AuthenticateAsync(context);
        if (authentication.Caller is not { } caller) return await RefuseUnknownAsync(context, authentication);
        if (await limits.CountAsync(context, endpoint.Kind, caller) is { } problem) return problem;
        if (!caller.Has(rule))
        {
            if (endpoint.Kind == RequestKind.Decision) await audit.RefuseDecisionAsync(context, caller);
            var roles = string.Join(", ", rule.Roles.Append(TokenRole.Admin).Distinct()).ToLowerInvariant();
            return new ProblemResult(
                StatusCodes.Status403Forbidden, ErrorCodes.Forbidden, $"The token needs one of these roles: {roles}.");
        }
        caller.AttachTo(context);
        return null;
    }

    private async ValueTask<ProblemResult> RefuseUnknownAsync(HttpContext context, Authentication authentication)
    {
        if (authentication == Authentication.Undecided)
        {
            // Not counted: the caller may well be who they say, and the issuer is not asked for each of them.
            context.Response.Headers.RetryAfter = "30";
            return new ProblemResult(
                StatusCodes.Status503ServiceUnavailable,
                ErrorCodes.Unavailable,
                "The token can't be judged: its issuer does not answer. Repeat the request later, or use an API token.");
        }
        if (await limits.CountFailedAuthenticationAsync(context) is { } tooMany) return tooMany;
        const string Challenge = "Bearer realm=\"quantapilot\"";
        context.Response.Headers.WWWAuthenticate = authentication.Fault is { } fault
            ? $"{Challenge}, error=\"invalid_token\", error_description=\"{fault}\""
            : Challenge;
        return new ProblemResult(
            StatusCodes.Status401Unauthorized,
            ErrorCodes.Unauthenticated,
            authentication.Fault ?? "A token is needed: Authorization: Bearer qp_….");
    }

    /// <summary>Faults that the server itself finds while the body is read.</summary>
    private static ProblemResult FromServer(BadHttpRequestException e) => e.StatusCode == StatusCodes.Status413PayloadTooLarge
        ? new ProblemResult(e.StatusCode, ErrorCodes.PayloadTooLarge, $"The body is larger than {RequestBody.MaxLength} bytes.")
        : new ProblemResult(e.StatusCode, ErrorCodes.InvalidRequest, "The request is not valid HTTP, or its body came too slowly.");
}
