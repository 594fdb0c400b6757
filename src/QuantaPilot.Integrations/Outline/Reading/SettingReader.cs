using System.Text.Json;
using System.Text.RegularExpressions;

namespace QuantaPilot.Integrations.Outline.Reading;

/// <summary>Environment variables that the code reads, sample environment files and application settings.</summary>
internal sealed class SettingReader : IFileReader
{
    private static readonly (string[] Extensions, string Hint, Regex Pattern)[] Accesses =
    [
        (
            [".js", ".mjs", ".cjs", ".ts", ".tsx", ".jsx", ".vue"],
            "process.env",
            Patterns.Linear(@"\bprocess\.env(?:\.|\[['""])([A-Z][A-Z0-9_]+)")),
        ([".ts", ".tsx", ".js", ".vue"], "import.meta.env", Patterns.Linear(@"\bimport\.meta\.env\.([A-Z][A-Z0-9_]+)")),
        ([".py"], "environ", Patterns.Linear(@"\benviron(?:\.get\(|\.setdefault\(|\[)\s*['""]([A-Za-z][A-Za-z0-9_]+)['""]")),
        ([".py"], "getenv", Patterns.Linear(@"\bgetenv\(\s*['""]([A-Za-z][A-Za-z0-9_]+)['""]")),
        ([".go"], "env", Patterns.Linear(@"\bos\.(?:Getenv|LookupEnv)\(\s*""([A-Za-z][A-Za-z0-9_]+)""")),
        ([".rs"], "env", Patterns.Linear(@"\benv(?:::var(?:_os)?\(|!\(|::var_os\()\s*""([A-Za-z][A-Za-z0-9_]+)""")),
        ([".cs"], "GetEnvironmentVariable", Patterns.Linear(@"GetEnvironmentVariable\(\s*""([A-Za-z][A-Za-z0-9_]+)""")),
        ([".java", ".kt"], "getenv", Patterns.Linear(@"\bgetenv\(\s*""([A-Za-z][A-Za-z0-9_]+)""")),
        ([".rb"], "ENV", Patterns.Linear(@"\bENV(?:\.fetch\(|\[)\s*['""]([A-Za-z][A-Za-z0-9_]+)['""]")),
        ([".php"], "env(", Patterns.Linear(@"\b(?:get)?env\(\s*['""]([A-Za-z][A-Za-z0-9_]+)['""]")),
    ];

    private static readonly Regex SampleLine = Patterns.Linear(@"^#?\s?([A-Z][A-Z0-9_]+)=", RegexOptions.Multiline);
    private static readonly Regex PropertyLine = Patterns.Linear(@"^([a-z][A-Za-z0-9.-]+)\s*=", RegexOptions.Multiline);

    public bool Reads(TreeFile file) => file.Role == FileRole.Product
        && (IsSample(file) || IsAppSettings(file) || IsProperties(file) || Accesses.Any(r => r.Extensions.Contains(file.Extension)));

    public void Read(TreeFile file, string text, Findings findings)
    {
        if (IsSample(file)) AddAll(SampleLine);
        else if (IsProperties(file)) AddAll(PropertyLine);
        else if (IsAppSettings(file))
        {
            var lines = new LineFinder(file.Path, text);
            foreach (var member in Formats.Json(text) is { ValueKind: JsonValueKind.Object } json ? json.EnumerateObject() : default)
            {
                Findings.Add(findings.Settings, new(member.Name, lines.Of($"\"{member.Name}\"")));
            }
        }
        foreach (var (extensions, hint, pattern) in Accesses)
        {
            if (extensions.Contains(file.Extension) && text.Contains(hint, StringComparison.Ordinal)) AddAll(pattern);
        }

        // Names alone: a value may be a secret that was committed by mistake.
        void AddAll(Regex pattern)
        {
            foreach (var (match, line) in pattern == SampleLine ? pattern.In(text, 200) : pattern.InCode(file, text, 200))
            {
                Findings.Add(findings.Settings, new(match.Groups[1].Value, new(file.Path, line)));
            }
        }
    }

    private static bool IsSample(TreeFile file) =>
        file.Name is ".env.example" or ".env.sample" or ".env.template" or "env.example" or ".env.dist";

    private static bool IsAppSettings(TreeFile file) => file.Name is "appsettings.json" or "local.settings.sample.json";

    private static bool IsProperties(TreeFile file) => file.Name == "application.properties";
}
