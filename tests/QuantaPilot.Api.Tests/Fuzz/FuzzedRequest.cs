using System.Text;
using Microsoft.AspNetCore.Http;

namespace QuantaPilot.Api.Tests.Fuzz;

/// <summary>A request that came of a seed.</summary>
internal sealed record FuzzedRequest(
    int Seed, string Operation, string Method, string Path, string Query, IReadOnlyList<(string Name, string Value)> Headers, byte[] Body)
{
    public void ApplyTo(HttpContext context)
    {
        var request = context.Request;
        request.Method = Method;
        request.Path = new PathString(Path);
        request.QueryString = Query.Length == 0 ? QueryString.Empty : new QueryString("?" + Query);
        foreach (var (name, value) in Headers) request.Headers.Append(name, value);
        request.Body = new MemoryStream(Body);
    }

    /// <summary>For people who look for what went wrong: without tokens, and cut where it is long.</summary>
    public override string ToString()
    {
        var text = new StringBuilder($"seed {Seed}: {Method} {Printable(Path)}");
        if (Query.Length > 0) text.Append('?').Append(Printable(Query));
        foreach (var (name, value) in Headers) text.Append($"\n  {name}: {(name == "Authorization" ? "…" : Printable(value))}");
        if (Body.Length > 0) text.Append("\n  ").Append(Body.Length).Append(" bytes: ").Append(Printable(Encoding.Latin1.GetString(Body)));
        return text.ToString();
    }

    private static string Printable(string text)
    {
        const int Enough = 600;
        var shown = string.Concat(text.Take(Enough).Select(c => c is >= ' ' and < '\x7f' ? c.ToString() : $"\\u{(int)c:x4}"));
        return text.Length > Enough ? shown + "…" : shown;
    }
}
