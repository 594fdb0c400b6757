using System.Text.Json;
using Microsoft.AspNetCore.Http;
using QuantaPilot.Api.Http;
using QuantaPilot.Api.Limits;
using QuantaPilot.Core.Contracts;
using QuantaPilot.Core.Runs;

namespace QuantaPilot.Api.Hooks;

/// <summary>
/// Takes GitHub's webhooks. A delivery that comes twice does what one does: runs are told to look, which changes nothing where there is
/// nothing new; a vote counts once; an answer is given once. So nobody need remember <c>X-GitHub-Delivery</c>.
/// </summary>
/// <param name="limits">Counts requests that GitHub has not signed.</param>
/// <param name="runs">Tells runs.</param>
/// <param name="options">The secrets; null where this host takes no webhooks.</param>
/// <param name="votes">Takes comments; null where this host takes no webhooks.</param>
internal sealed class GitHubHookHandlers(
    RequestLimits limits, HookedRuns runs, GitHubHookOptions? options = null, CommentVotes? votes = null)
{
    /// <summary>
    /// In bytes. GitHub sends up to 25 MB, and large are pushes of thousands of commits, which no work branch gets. One that is
    /// refused is made up for by polling.
    /// </summary>
    public const int MaxBodyLength = 1024 * 1024;

    public async Task<IResult> ReceiveAsync(HttpContext context)
    {
        if (options is null || votes is null) return ProblemResult.NotFound("This host takes no webhooks of GitHub: no secret is set.");
        if (new QueryReader(context).Problem is { } query) return query;
        // Before the body: whoever can't sign costs nothing.
        if (GitHubSignature.Read(context.Request.Headers["X-Hub-Signature-256"]) is not { } signature) return await RefuseAsync(context);
        var read = await RequestBody.ReadBytesAsync(context, MaxBodyLength);
        if (!read.Succeeded(out var body, out var problem)) return problem;
        if (!signature.IsOf(body, options.Secrets)) return await RefuseAsync(context);
        if (!RequestBody.IsJson(context)) return RequestBody.UnsupportedMediaType();

        var kind = context.Request.Headers["X-GitHub-Event"].ToString();
        if (kind == "ping") return Answer(HookResult.Pong, 0, StatusCodes.Status200OK);
        if (Read(body) is not { } payload) return ProblemResult.Malformed("The body is not JSON as GitHub sends it.");
        if (payload.Repository?.CloneUrl is not { } url || !RepositoryUrl.TryParse(url, out var repository, out _)) return Taken(0);
        return await TakeAsync(context, kind, repository.Project, payload);
    }

    private async Task<IResult> TakeAsync(HttpContext context, string kind, string project, GitHubPayload payload)
    {
        if (kind == "issue_comment") return Taken(await votes!.TakeAsync(context, project, payload) ? 1 : 0);
        if (GitHubChange.Read(kind, payload) is not { } change) return Taken(0);
        return Taken(await runs.TellAsync(project, change, context.RequestAborted));
    }

    private async Task<IResult> RefuseAsync(HttpContext context)
    {
        if (await limits.CountFailedAuthenticationAsync(context) is { } tooMany) return tooMany;
        context.Response.Headers.WWWAuthenticate = "HubSignature realm=\"quantapilot\"";
        return new ProblemResult(
            StatusCodes.Status401Unauthorized,
            ErrorCodes.Unauthenticated,
            "X-Hub-Signature-256 must be sha256= and the HMAC of the body with the secret that is set here and in the webhook's settings.");
    }

    private static GitHubPayload? Read(byte[] body)
    {
        try
        {
            return JsonSerializer.Deserialize(body, GitHubJson.Default.GitHubPayload);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static JsonResult<HookAnswer> Taken(int runs) =>
        Answer(runs > 0 ? HookResult.Accepted : HookResult.Ignored, runs, StatusCodes.Status202Accepted);

    private static JsonResult<HookAnswer> Answer(HookResult result, int runs, int status) =>
        new(new HookAnswer(result, runs), CoreJson.Default.HookAnswer, status);
}
