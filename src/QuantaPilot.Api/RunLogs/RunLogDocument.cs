using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.Http;
using QuantaPilot.Core.Ports;
using QuantaPilot.Core.Runs;

namespace QuantaPilot.Api.RunLogs;

/// <summary>A log as one text, to its present end: a heading wherever somebody else begins to write.</summary>
internal sealed class RunLogDocument(IRunLogStore store, RunId runId, long after, string? step) : IResult
{
    private const int PageSize = 50;

    public async Task ExecuteAsync(HttpContext httpContext)
    {
        httpContext.Response.ContentType = "text/plain; charset=utf-8";
        RunLogEntry? last = null;
        while (true)
        {
            var page = await store.ReadAsync(runId, last?.Sequence ?? after, step, PageSize, httpContext.RequestAborted);
            if (page.Count == 0) return;
            var text = new StringBuilder();
            foreach (var entry in page)
            {
                if (last is null || (entry.Step, entry.Round, entry.Source) != (last.Step, last.Round, last.Source))
                    text.Append(Heading(entry)).Append('\n');
                text.Append(entry.Text).Append('\n');
                last = entry;
            }
            await httpContext.Response.Body.WriteAsync(Encoding.UTF8.GetBytes(text.ToString()), httpContext.RequestAborted);
        }
    }

    private static string Heading(RunLogEntry entry)
    {
        var round = entry.Round == 1 ? "" : string.Create(CultureInfo.InvariantCulture, $", round {entry.Round}");
        return string.Create(CultureInfo.InvariantCulture, $"== {entry.At:yyyy-MM-ddTHH:mm:ssZ} {entry.Step}{round}: {entry.Source}");
    }
}
