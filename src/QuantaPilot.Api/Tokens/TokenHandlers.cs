using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using QuantaPilot.Api.Access;
using QuantaPilot.Api.Audit;
using QuantaPilot.Api.Http;
using QuantaPilot.Core.Audit;
using QuantaPilot.Core.Contracts;
using QuantaPilot.Core.Ports;
using QuantaPilot.Core.Runs;

namespace QuantaPilot.Api.Tokens;

/// <summary>Making, listing and revoking tokens. Tokens that reach further than the caller's own projects do not exist for it.</summary>
internal sealed class TokenHandlers(ITokenStore tokens, AuditTrail audit, TimeProvider time, ILogger<TokenHandlers> logger) : IDisposable
{
    // Two admins that revoke each other at once must not both succeed. Among several hosts on one store a moment is left
    // in which they can; a bootstrap token then helps.
    private readonly SemaphoreSlim _revoking = new(1);

    public async Task<IResult> CreateAsync(HttpContext context)
    {
        if (new QueryReader(context).Problem is { } query) return query;
        var body = await RequestBody.ReadAsync(context, CoreJson.Default.TokenRequest);
        if (!body.Succeeded(out var given, out var problem)) return problem;
        var caller = Caller.Of(context);
        var now = time.GetUtcNow();
        var (request, errors) = TokenRequestValidator.Validate(given, caller, now);
        if (request is null) return ProblemResult.Invalid(errors);

        var text = BearerToken.Create();
        var id = Guid.NewGuid().ToString("N");
        var token = new ApiToken(
            id, request.Name, BearerToken.Hash(text), request.Roles, request.Projects, now, request.ExpiresAt, RevokedAt: null);
        var entry = audit.EntryFor(caller, AuditAction.CreateToken, token.Projects) with { ResourceId = id };
        await audit.ActAsync(entry, () => CreateAsync(token), _ => AuditOutcome.Accepted);
        Logs.TokenMade(logger, token.Id, caller.TokenId);
        return new JsonResult<TokenCreated>(
            new TokenCreated(token.Id, token.Name, token.Roles, token.Projects, token.CreatedAt, token.ExpiresAt, text),
            CoreJson.Default.TokenCreated,
            StatusCodes.Status201Created);
    }

    public async Task<IResult> ListAsync(HttpContext context)
    {
        if (new QueryReader(context).Problem is { } problem) return problem;
        var caller = Caller.Of(context);
        var all = await tokens.ListAsync(context.RequestAborted);
        IReadOnlyList<TokenResource> items = [.. all.Where(token => caller.Covers(token.Projects)).Select(TokenResource.From)];
        return new JsonResult<ResourcePage<TokenResource>>(
            new ResourcePage<TokenResource>(items, null), CoreJson.Default.ResourcePageTokenResource);
    }

    public async Task<IResult> RevokeAsync(HttpContext context)
    {
        if (new QueryReader(context).Problem is { } problem) return problem;
        var caller = Caller.Of(context);
        var id = context.PathValue("token_id");
        await _revoking.WaitAsync(context.RequestAborted);
        try
        {
            var all = await tokens.ListAsync(context.RequestAborted);
            if (all.FirstOrDefault(token => token.Id == id) is not { } token || !caller.Covers(token.Projects))
                return ProblemResult.NotFound("There is no such token. GET /tokens lists them with their ids.");
            var now = time.GetUtcNow();
            if (IsLastAdmin(token, all, now))
            {
                return new ProblemResult(
                    StatusCodes.Status409Conflict,
                    ErrorCodes.LastAdminToken,
                    "This is the last valid admin token for its projects: nobody could make another. Make one first, then revoke this.");
            }
            var entry = audit.EntryFor(caller, AuditAction.RevokeToken, token.Projects) with { ResourceId = id };
            await audit.ActAsync(
                entry,
                () => tokens.RevokeByIdAsync(id, now, CancellationToken.None),
                known => known && token.RevokedAt is null ? AuditOutcome.Accepted : AuditOutcome.NoEffect);
            if (token.RevokedAt is null) Logs.TokenRevoked(logger, id, caller.TokenId);
            return TypedResults.NoContent();
        }
        finally
        {
            _revoking.Release();
        }
    }

    public void Dispose() => _revoking.Dispose();

    private async Task<ApiToken> CreateAsync(ApiToken token)
    {
        await tokens.CreateAsync(token, CancellationToken.None);
        return token;
    }

    private static bool IsLastAdmin(ApiToken token, IReadOnlyList<ApiToken> all, DateTimeOffset now) =>
        IsAdmin(token, now)
        && !all.Any(other => other.Id != token.Id && IsAdmin(other, now) && token.Projects.All(other.Scope.Covers));

    private static bool IsAdmin(ApiToken token, DateTimeOffset now) => token.Roles.Contains(TokenRole.Admin) && token.IsValidAt(now);
}
