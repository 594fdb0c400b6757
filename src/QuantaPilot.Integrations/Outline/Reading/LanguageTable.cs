namespace QuantaPilot.Integrations.Outline.Reading;

/// <summary>Languages by extension or file name. Markup and data are told apart, so that they don't outweigh the code.</summary>
internal static class LanguageTable
{
    private static readonly Dictionary<string, (string Name, bool IsCode)> ByExtension = new(StringComparer.Ordinal)
    {
        [".cs"] = ("C#", true), [".fs"] = ("F#", true), [".vb"] = ("Visual Basic", true), [".razor"] = ("Razor", true), [".cshtml"] = ("Razor", true),
        [".xaml"] = ("XAML", true),
        [".js"] = ("JavaScript", true), [".mjs"] = ("JavaScript", true), [".cjs"] = ("JavaScript", true), [".jsx"] = ("JavaScript", true),
        [".ts"] = ("TypeScript", true), [".mts"] = ("TypeScript", true), [".cts"] = ("TypeScript", true), [".tsx"] = ("TypeScript", true),
        [".vue"] = ("Vue", true), [".svelte"] = ("Svelte", true), [".py"] = ("Python", true), [".pyi"] = ("Python", true), [".go"] = ("Go", true),
        [".rs"] = ("Rust", true), [".java"] = ("Java", true), [".kt"] = ("Kotlin", true), [".kts"] = ("Kotlin", true), [".scala"] = ("Scala", true),
        [".groovy"] = ("Groovy", true), [".gradle"] = ("Gradle", true), [".rb"] = ("Ruby", true), [".php"] = ("PHP", true), [".c"] = ("C", true),
        [".h"] = ("C", true), [".cc"] = ("C++", true), [".cpp"] = ("C++", true), [".cxx"] = ("C++", true), [".hpp"] = ("C++", true), [".hh"] = ("C++", true),
        [".m"] = ("Objective-C", true), [".swift"] = ("Swift", true), [".dart"] = ("Dart", true), [".ex"] = ("Elixir", true), [".exs"] = ("Elixir", true),
        [".erl"] = ("Erlang", true), [".hs"] = ("Haskell", true), [".ml"] = ("OCaml", true), [".clj"] = ("Clojure", true), [".lua"] = ("Lua", true),
        [".pl"] = ("Perl", true), [".pm"] = ("Perl", true), [".r"] = ("R", true), [".jl"] = ("Julia", true), [".zig"] = ("Zig", true),
        [".sh"] = ("Shell", true), [".bash"] = ("Shell", true), [".zsh"] = ("Shell", true), [".fish"] = ("Shell", true), [".ps1"] = ("PowerShell", true), [".bat"] = ("Batch", true), [".cmd"] = ("Batch", true),
        [".sql"] = ("SQL", true), [".proto"] = ("Protocol Buffers", true), [".graphql"] = ("GraphQL", true), [".tf"] = ("Terraform", true),
        [".bicep"] = ("Bicep", true), [".css"] = ("CSS", true), [".scss"] = ("SCSS", true), [".less"] = ("Less", true), [".html"] = ("HTML", true),
        [".htm"] = ("HTML", true), [".jinja"] = ("Jinja", true), [".j2"] = ("Jinja", true), [".ejs"] = ("EJS", true), [".tmpl"] = ("Templates", true),
        [".md"] = ("Markdown", false), [".markdown"] = ("Markdown", false), [".rst"] = ("reStructuredText", false), [".adoc"] = ("AsciiDoc", false), [".txt"] = ("Text", false),
        [".json"] = ("JSON", false), [".yml"] = ("YAML", false), [".yaml"] = ("YAML", false), [".toml"] = ("TOML", false), [".xml"] = ("XML", false),
        [".csproj"] = ("XML", false), [".props"] = ("XML", false), [".targets"] = ("XML", false), [".ini"] = ("INI", false), [".cfg"] = ("INI", false),
        [".properties"] = ("Properties", false),
    };

    private static readonly Dictionary<string, (string Name, bool IsCode)> ByName = new(StringComparer.OrdinalIgnoreCase)
    {
        ["Makefile"] = ("Make", true), ["GNUmakefile"] = ("Make", true), ["Dockerfile"] = ("Dockerfile", true), ["CMakeLists.txt"] = ("CMake", true),
        ["Rakefile"] = ("Ruby", true), ["Gemfile"] = ("Ruby", true), ["Jenkinsfile"] = ("Groovy", true),
    };

    public static (string Name, bool IsCode)? Of(TreeFile file) =>
        ByName.TryGetValue(file.Name, out var named) ? named
        : ByExtension.TryGetValue(file.Extension, out var language) ? language
        : null;
}
