using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;
using QuantaPilot.Api.Access;
using QuantaPilot.Api.Http;
using QuantaPilot.Core.Audit;
using QuantaPilot.Core.Contracts;
using QuantaPilot.Core.Ports;
using QuantaPilot.Core.Runs;

namespace QuantaPilot.Api.Audit;

/// <summary>The audit log, as pages and as an export. A caller sees the entries whose projects are among their own.</summary>
internal sealed class AuditHandlers(IAuditLog log, TokenAuthenticator authenticator)
{
    /// <summary>Bounds the work of one request for a token whose projects are rare among the entries.</summary>
    private const int MaxPages = 10;

    private const int MaxActorLength = 128;

    private static readonly Dictionary<string, AuditAction> _actions = Enum.GetValues<AuditAction>().ToDictionary(
        action => System.Text.Json.JsonNamingPolicy.SnakeCaseLower.ConvertName(action.ToString()), StringComparer.Ordinal);

    /// <summary>
    /// Newest first. A page may hold fewer than asked for, even none, and still have a next one. An export goes on to the end.
    /// </summary>
    public async Task<IResult> ListAsync(HttpContext context)
    {
        var query = new QueryReader(context, "after", "before", "actor", "action", "run_id", "limit", "cursor");
        var filter = new AuditQuery(
            ReadTime(query, "after"),
            ReadTime(query, "before"),
            ReadActor(query),
            ReadAction(query),
            ReadRunId(query),
            query.Limit(),
            query.Text("cursor"));
        if (query.Problem is { } problem) return problem;
        try
        {
            if (WantsLines(context))
            {
                // Read here, so that a cursor that is none is refused before the answer has begun.
                var most = query.Text("limit") is null ? int.MaxValue : filter.Limit;
                filter = filter with { Limit = Math.Min(most, QueryReader.MaxLimit) };
                return new AuditExport(log, authenticator, filter, await log.ListAsync(filter, context.RequestAborted), most);
            }
            return await PageAsync(Caller.Of(context), filter, context.RequestAborted);
        }
        catch (InvalidCursorException)
        {
            return ProblemResult.Invalid("cursor", "must be the next_cursor of a page of this list");
        }
    }

    private async Task<JsonResult<ResourcePage<AuditEntry>>> PageAsync(
        Caller caller, AuditQuery filter, CancellationToken cancellationToken)
    {
        var items = new List<AuditEntry>();
        var cursor = filter.Cursor;
        for (var pages = 0; pages < MaxPages && items.Count < filter.Limit; pages++)
        {
            var page = await log.ListAsync(filter with { Cursor = cursor, Limit = filter.Limit - items.Count }, cancellationToken);
            items.AddRange(page.Items.Where(entry => caller.Covers(entry.Projects)));
            cursor = page.NextCursor;
            if (cursor is null) break;
        }
        return new JsonResult<ResourcePage<AuditEntry>>(
            new ResourcePage<AuditEntry>(items, cursor), CoreJson.Default.ResourcePageAuditEntry);
    }

    private static bool WantsLines(HttpContext context) =>
        MediaTypeHeaderValue.TryParseList(context.Request.Headers.Accept, out var accepted)
        && accepted.Any(type => type.MediaType.Equals(AuditExport.ContentType, StringComparison.OrdinalIgnoreCase));

    private static DateTimeOffset? ReadTime(QueryReader query, string name)
    {
        if (query.Text(name) is not { } text) return null;
        if (Rfc3339.TryParse(text, out var time)) return time;
        query.Refuse(name, "must be an RFC 3339 time with its offset, e.g. 2027-01-31T00:00:00Z (a + in a query is written %2B)");
        return null;
    }

    private static string? ReadActor(QueryReader query)
    {
        var text = query.Text("actor");
        if (text is not null && (text.Length is 0 or > MaxActorLength || text.Any(char.IsControl)))
            query.Refuse("actor", $"must be a caller's name, 1 to {MaxActorLength} characters");
        return text;
    }

    private static AuditAction? ReadAction(QueryReader query)
    {
        if (query.Text("action") is not { } text) return null;
        if (_actions.TryGetValue(text, out var action)) return action;
        query.Refuse("action", $"must be one of {string.Join(", ", _actions.Keys)}");
        return null;
    }

    private static RunId? ReadRunId(QueryReader query)
    {
        if (query.Text("run_id") is not { } text) return null;
        if (RunId.TryParse(text, out var runId)) return runId;
        query.Refuse("run_id", "must be 32 lower-case hexadecimal digits");
        return null;
    }
}
