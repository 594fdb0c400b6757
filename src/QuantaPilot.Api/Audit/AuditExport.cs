using System.Text.Json;
using Microsoft.AspNetCore.Http;
using QuantaPilot.Api.Access;
using QuantaPilot.Core.Contracts;
using QuantaPilot.Core.Ports;

namespace QuantaPilot.Api.Audit;

/// <summary>
/// Entries as JSON lines, a page at a time for as long as there are any. Ends early, with a broken connection, if the token is revoked
/// or the log fails meanwhile: what came whole is whole.
/// </summary>
/// <param name="log">The log.</param>
/// <param name="authenticator">Asked before each page.</param>
/// <param name="filter">Which entries.</param>
/// <param name="first">The first page of them.</param>
/// <param name="most">At most so many.</param>
internal sealed class AuditExport(IAuditLog log, TokenAuthenticator authenticator, AuditQuery filter, AuditPage first, int most) : IResult
{
    public const string ContentType = "application/x-ndjson";

    private static readonly byte[] _newLine = "\n"u8.ToArray();

    public async Task ExecuteAsync(HttpContext httpContext)
    {
        var caller = Caller.Of(httpContext);
        var ended = httpContext.RequestAborted;
        var body = httpContext.Response.Body;
        httpContext.Response.ContentType = ContentType;
        var page = first;
        var written = 0;
        while (true)
        {
            foreach (var entry in page.Items.Where(entry => caller.Covers(entry.Projects)).Take(most - written))
            {
                await body.WriteAsync(JsonSerializer.SerializeToUtf8Bytes(entry, CoreJson.Default.AuditEntry), ended);
                await body.WriteAsync(_newLine, ended);
                written++;
            }
            await body.FlushAsync(ended);
            if (page.NextCursor is not { } cursor || written == most) return;
            if (!await authenticator.IsStillValidAsync(caller, ended))
            {
                httpContext.Abort();
                return;
            }
            page = await log.ListAsync(filter with { Cursor = cursor }, ended);
        }
    }
}
