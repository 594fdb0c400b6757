using System.Text.RegularExpressions;

namespace QuantaPilot.Integrations.Outline.Reading;

/// <summary>HTTP routes where the code names them in the way of a known framework. Tests and examples are not read.</summary>
internal sealed class RouteReader : IFileReader
{
    private sealed record Style(string Framework, string[] Extensions, string Hint, Regex Pattern, string? Method = null);

    // Groups: m is the method, p the path.
    private static readonly Style[] Styles =
    [
        new("ASP.NET minimal API", [".cs"], ".Map", Patterns.Linear(@"\.Map(?<m>Get|Post|Put|Delete|Patch|Methods)\s*\(\s*\$?""(?<p>[^""\n]*)""")),
        new("ASP.NET controller", [".cs"], "[Http", Patterns.Linear(@"\[Http(?<m>Get|Post|Put|Delete|Patch|Head|Options)(?:\(\s*(?:""(?<p>[^""\n]*)"")?[^)\n]*\))?\s*[\],]")),
        new("Express or Fastify", [".js", ".mjs", ".cjs", ".ts"], "/", Patterns.Linear(@"\b(?:app|router|server|fastify|api|routes?)\.(?<m>get|post|put|delete|patch|all)\(\s*['""`](?<p>/[^'""`\n]*)['""`]\s*,")),
        new("NestJS", [".ts"], "@nestjs/", Patterns.Linear(@"@(?<m>Get|Post|Put|Delete|Patch)\(\s*(?:['""`](?<p>[^'""`\n]*)['""`])?\s*\)")),
        new("Flask", [".py"], ".route(", Patterns.Linear(@"@\w+\.route\(\s*['""](?<p>[^'""\n]+)['""](?:[^)\n]*methods\s*=\s*[\[(]\s*(?<m>[^\])\n]+))?")),
        new("FastAPI or Flask", [".py"], "@", Patterns.Linear(@"@(?:app|router|api|bp|blueprint|\w+_router|\w+_bp)\.(?<m>get|post|put|delete|patch)\(\s*['""](?<p>[^'""\n]*)['""]")),
        new("Django", [".py"], "urlpatterns", Patterns.Linear(@"\b(?:re_path|path|url)\(\s*r?['""](?<p>[^'""\n]*)['""]\s*,"), "any"),
        new("Gin, Echo, Chi or Fiber", [".go"], "\"/", Patterns.Linear(@"\b\w+\.(?<m>GET|POST|PUT|DELETE|PATCH|Get|Post|Put|Delete|Patch)\(\s*""(?<p>/[^""\n]*)""\s*,")),
        new("net/http", [".go"], "Handle", Patterns.Linear(@"\b(?:http|mux|\w*[mM]ux|router|r)\.(?:HandleFunc|Handle)\(\s*""(?:(?<m>GET|POST|PUT|DELETE|PATCH) )?(?<p>/[^""\n]*)""")),
        new(
            "Spring",
            [".java", ".kt"],
            "Mapping",
            Patterns.Linear(
                @"@(?<m>Get|Post|Put|Delete|Patch)Mapping(?:\(\s*(?:(?:value|path)\s*=\s*)?\{?\s*(?:""(?<p>[^""\n]*)"")?[^)\n]*\))?")),
        new(
            "Rails",
            [".rb"],
            "routes",
            Patterns.Linear(@"^\s*(?<m>get|post|put|patch|delete|resources?)\s+['"":](?<p>[^'"",\s]+)", RegexOptions.Multiline)),
        new("Laravel", [".php"], "Route::", Patterns.Linear(@"Route::(?<m>get|post|put|patch|delete|any)\(\s*['""](?<p>[^'""\n]*)['""]")),
        new("Axum or Actix", [".rs"], "(\"/", Patterns.Linear(@"\.route\(\s*""(?<p>/[^""\n]*)""\s*,\s*(?:web::)?(?<m>get|post|put|delete|patch)?|#\[(?<m>get|post|put|delete|patch)\(""(?<p>[^""\n]*)""")),
    ];

    private static readonly Regex ClassPrefix = Patterns.Linear(@"(?:\[Route\(\s*""(?<p>[^""\n]*)""|@RequestMapping\(\s*(?:(?:value|path)\s*=\s*)?""(?<p>[^""\n]*)""|@Controller\(\s*['""](?<p>[^'""\n]*)['""])");
    private static readonly Regex MapGroup = Patterns.Linear(@"\.MapGroup\(\s*""(?<p>[^""\n]*)""");
    private static readonly Regex ClassName = Patterns.Linear(@"\bclass\s+(\w+?)Controller\b");

    public bool Reads(TreeFile file) => file.Role == FileRole.Product && Styles.Any(s => s.Extensions.Contains(file.Extension));

    public void Read(TreeFile file, string text, Findings findings)
    {
        foreach (var style in Styles)
        {
            if (!style.Extensions.Contains(file.Extension) || !text.Contains(style.Hint, StringComparison.Ordinal)) continue;
            if (style.Framework == "Rails" && !file.Path.Contains("routes", StringComparison.Ordinal)) continue;
            var prefix = Prefix(style, text);
            foreach (var (match, line) in style.Pattern.InCode(file, text, 500))
            {
                var path = match.Groups["p"].Value;
                var method = style.Method ?? Method(match.Groups["m"].Value);
                if (path.Length == 0 && prefix is null && style.Framework == "ASP.NET controller"
                    && ClassName.Match(text) is { Success: true } controller)
                {
                    path = $"/{controller.Groups[1].Value}/{{action}}";
                }
                var full = path.StartsWith('~') ? path[1..] : prefix is null ? path : $"{prefix.TrimEnd('/')}/{path.TrimStart('/')}";
                full = full.Length > 1 ? full.TrimEnd('/') : full;
                Findings.Add(findings.Routes, new(method, full.StartsWith('/') ? full : "/" + full, style.Framework, new(file.Path, line)));
            }
        }
    }

    private static string Method(string text)
    {
        var method = string.Join(", ", text.Split(',').Select(m => m.Trim(' ', '\'', '"').ToUpperInvariant()).Where(m => m.Length > 0));
        return method.Length == 0 ? "GET" : method is "ALL" or "METHODS" ? "ANY" : method;
    }

    /// <summary>The one prefix of the file's class or group; with several, which of them holds can't be told and none is used.</summary>
    private static string? Prefix(Style style, string text)
    {
        if (style.Framework == "ASP.NET minimal API") return MapGroup.Matches(text) is [var group] ? group.Groups["p"].Value : null;
        if (style.Framework is not ("ASP.NET controller" or "Spring" or "NestJS")) return null;
        if (ClassPrefix.Match(text) is not { Success: true } prefix) return null;
        var name = ClassName.Match(text) is { Success: true } type ? type.Groups[1].Value : "[controller]";
        return prefix.Groups["p"].Value.Replace("[controller]", name, StringComparison.OrdinalIgnoreCase);
    }
}
