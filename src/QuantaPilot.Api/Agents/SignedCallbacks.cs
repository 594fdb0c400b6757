using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Primitives;
using QuantaPilot.Api.Http;
using QuantaPilot.Api.Limits;
using QuantaPilot.Core.Agents;
using QuantaPilot.Core.Ports;
using QuantaPilot.Core.Runs;

namespace QuantaPilot.Api.Agents;

/// <summary>A callback whose signature is right.</summary>
/// <param name="Task">The task that it is about.</param>
/// <param name="Body">As it came.</param>
internal sealed record SignedCallback(RemoteTask Task, byte[] Body);

/// <summary>
/// Lets callbacks in by their signature. Whether there is no such task or the signature is wrong, the answer is the same: who has no
/// secret learns nothing.
/// </summary>
internal sealed class SignedCallbacks(IAgentTaskStore tasks, IAgentEndpoints endpoints, RequestLimits limits)
{
    /// <summary>In bytes: the files of a task, in JSON. Other endpoints take <see cref="RequestBody.MaxLength"/>.</summary>
    public const int MaxLength = 4 * 1024 * 1024;

    public async Task<Outcome<SignedCallback>> ReadAsync(HttpContext context)
    {
        // Cheap things first: nothing of a body is read for somebody who can't have signed it.
        if (ReadSignature(context.Request.Headers) is not { } signature || await FindAsync(context) is not { } task)
            return await RefuseAsync(context);
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } feature)
            feature.MaxRequestBodySize = MaxLength + 1;
        var read = await RequestBody.ReadBytesAsync(context, MaxLength);
        if (!read.Succeeded(out var body, out var problem)) return problem;
        if (!endpoints.IsSigned(task.Endpoint, signature, body)) return await RefuseAsync(context);
        return new SignedCallback(task, body);
    }

    private async Task<RemoteTask?> FindAsync(HttpContext context)
    {
        if (!RunId.TryParse(context.PathValue("run_id"), out var runId)) return null;
        if (AgentStep.FromPathPart(context.PathValue("agent_step")) is not { } step) return null;
        return int.TryParse(context.PathValue("agent_round"), NumberStyles.None, CultureInfo.InvariantCulture, out var round)
            ? await tasks.FindAsync(runId, step, round, context.RequestAborted)
            : null;
    }

    private static CallbackSignature? ReadSignature(IHeaderDictionary headers) =>
        Single(headers["webhook-id"]) is { } id
        && Single(headers["webhook-timestamp"]) is { } timestamp
        && Single(headers["webhook-signature"]) is { } signatures
            ? new CallbackSignature(id, timestamp, signatures)
            : null;

    private static string? Single(StringValues values) => values is [{ Length: > 0 } value] ? value : null;

    private async Task<ProblemResult> RefuseAsync(HttpContext context)
    {
        if (await limits.CountFailedAuthenticationAsync(context) is { } tooMany) return tooMany;
        context.Response.Headers.WWWAuthenticate = "StandardWebhooks realm=\"quantapilot\"";
        return new ProblemResult(
            StatusCodes.Status401Unauthorized,
            ErrorCodes.Unauthenticated,
            "There is no such task, or the signature is not right: webhook-id, webhook-timestamp (within 5 minutes of now) and "
            + "webhook-signature, as Standard Webhooks has them, with the secret of the agent.");
    }
}
