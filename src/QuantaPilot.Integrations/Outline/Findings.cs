namespace QuantaPilot.Integrations.Outline;

/// <summary>A place in the repository.</summary>
/// <param name="Path">As in the commit's tree.</param>
/// <param name="Line">From 1; null for the whole file.</param>
internal sealed record Source(string Path, int? Line = null);

internal sealed record Language(string Name, bool IsCode)
{
    public int Files { get; set; }
    public long Bytes { get; set; }
    public long Lines { get; set; }
}

internal sealed record Readme(string Path, string? Title, string? Description, IReadOnlyList<ReadmeSection> Sections);

/// <param name="Source">Where it starts.</param>
/// <param name="Level">1 to 6.</param>
/// <param name="Heading">Plain text.</param>
/// <param name="Items">The list items right below it, plain text.</param>
/// <param name="Code">The code blocks right below it.</param>
internal sealed record ReadmeSection(Source Source, int Level, string Heading, IReadOnlyList<string> Items, IReadOnlyList<string> Code);

/// <param name="Ecosystem">Such as <c>npm</c> or <c>NuGet</c>.</param>
/// <param name="Path">The file that declares it.</param>
/// <param name="Name">As declared, or null.</param>
internal sealed record Manifest(string Ecosystem, string Path, string? Name)
{
    public string? Version { get; init; }
    public string? Description { get; init; }
    public string? Licence { get; init; }
    public IReadOnlyList<Dependency> Dependencies { get; init; } = [];

    /// <summary>Other modules of the same repository that this one needs: paths, or names of other manifests.</summary>
    public IReadOnlyList<string> References { get; init; } = [];

    /// <summary>What it needs to run on: <c>Node.js >=18</c>, <c>net10.0</c>.</summary>
    public IReadOnlyList<string> Platforms { get; init; } = [];
    public IReadOnlyList<NamedCommand> EntryPoints { get; init; } = [];

    /// <summary>For tests only; not part of what the project delivers.</summary>
    public bool IsTest { get; init; }

    public string Folder => System.IO.Path.GetDirectoryName(Path) ?? "";
}

/// <param name="Name">As declared.</param>
/// <param name="Version">As declared, or null.</param>
/// <param name="Development">Needed to build or test only.</param>
internal sealed record Dependency(string Name, string? Version, bool Development);

internal sealed record NamedCommand(string Name, string Command, Source Source);

/// <summary>A command that builds, tests, runs or checks the project, and the file that says so.</summary>
internal sealed record Command(CommandKind Kind, string Text, Source Source);

internal enum CommandKind
{
    Setup,
    Build,
    Test,
    Run,
    Check,
    Release,
}

internal sealed record CiPipeline(string System, string Path, string Name, IReadOnlyList<string> Triggers, IReadOnlyList<CiJob> Jobs);

internal sealed record CiJob(string Name, IReadOnlyList<NamedCommand> Commands);

internal sealed record Route(string Method, string Path, string Framework, Source Source);

/// <summary>A name that the code offers to others.</summary>
internal sealed record PublicName(string Name, string Kind, Source Source);

internal sealed record Setting(string Name, Source Source);

internal sealed record ApiDescription(string Path, string? Title, string? Version, IReadOnlyList<Route> Operations);

internal sealed record TestFolder(string Path, string Framework)
{
    public int Files { get; set; }
    public int Cases { get; set; }
}

internal sealed record Container(string Path, IReadOnlyList<string> Images, IReadOnlyList<string> Ports, IReadOnlyList<string> Services);

internal sealed record Titled(string Path, string Title, string? Status);

internal sealed record Marker(string Kind, string Text, Source Source);

internal sealed record Term(string Name, string Meaning, Source Source);

/// <param name="Title">What it is called.</param>
/// <param name="Note"><see cref="Planned"/>, or <c>open</c> or <c>done</c> where a road map says so.</param>
/// <param name="Source">Where it stands.</param>
internal sealed record Milestone(string Title, string? Note, Source Source)
{
    public const string Planned = "planned";

    public bool IsPlanned => Note == Planned;
}

/// <summary>A folder of the first or second level.</summary>
internal sealed record Folder(string Path)
{
    public int Files { get; set; }
    public long Bytes { get; set; }
    public SortedDictionary<string, int> FilesByLanguage { get; } = new(StringComparer.Ordinal);
}

/// <summary>What was found in the tree of one commit. Lists are in the order of the paths.</summary>
internal sealed class Findings
{
    /// <summary>The most entries of one kind that are kept; what is over is counted by the readers, not shown.</summary>
    public const int MostEntries = 2_000;

    private static readonly Dictionary<string, string[]> Ecosystems = new(StringComparer.Ordinal)
    {
        ["Java"] = ["Maven", "Gradle"],
        ["Kotlin"] = ["Gradle", "Maven"],
        ["C#"] = ["NuGet"],
        ["Python"] = ["PyPI"],
        ["Go"] = ["Go modules"],
        ["Rust"] = ["Cargo"],
        ["Ruby"] = ["RubyGems"],
        ["PHP"] = ["Composer"],
        ["JavaScript"] = ["npm"],
        ["TypeScript"] = ["npm"],
    };

    /// <summary>True if the commit has a regular file at the path.</summary>
    public required Func<string, bool> HasFile { get; init; }

    public int Files { get; set; }
    public long Bytes { get; set; }

    /// <summary>Files whose format could not be read, each with the reason.</summary>
    public List<Titled> Unreadable { get; } = [];

    /// <summary>Versions of NuGet packages that are set in one place for all projects.</summary>
    public Dictionary<string, string> CentralVersions { get; } = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Files that were counted by name alone: binary, generated, vendored, or over the size that is read.</summary>
    public int FilesNotRead { get; set; }
    public int Links { get; set; }
    public int Submodules { get; set; }
    public Readme? Readme { get; set; }
    public string? ContributingPath { get; set; }
    public List<Titled> Licences { get; } = [];
    public Titled? SecurityPolicy { get; set; }
    public Titled? Changelog { get; set; }
    public string? OwnersPath { get; set; }
    public List<NamedCommand> Owners { get; } = [];
    public SortedDictionary<string, Language> Languages { get; } = new(StringComparer.Ordinal);
    public SortedDictionary<string, Folder> Folders { get; } = new(StringComparer.Ordinal);
    public SortedDictionary<string, TestFolder> Tests { get; } = new(StringComparer.Ordinal);
    public List<Manifest> Manifests { get; } = [];
    public List<Command> Commands { get; } = [];
    public List<CiPipeline> Pipelines { get; } = [];
    public List<Route> Routes { get; } = [];
    public List<PublicName> PublicNames { get; } = [];
    public List<ApiDescription> ApiDescriptions { get; } = [];
    public List<Setting> Settings { get; } = [];
    public List<Container> Containers { get; } = [];
    public List<Source> EntryPoints { get; } = [];
    public List<Titled> Documents { get; } = [];
    public List<Titled> Decisions { get; } = [];
    public List<Titled> Rules { get; } = [];
    public List<Marker> Markers { get; } = [];
    public int MarkerCount { get; set; }
    public List<Term> Terms { get; } = [];
    public List<Milestone> Milestones { get; } = [];

    /// <summary>The milestones in a few words.</summary>
    public string DescribeMilestones()
    {
        var planned = Milestones.Count(milestone => milestone.IsPlanned);
        var others = Milestones.Count - planned;
        string[] parts =
        [
            .. planned == 0 ? Array.Empty<string>() : [$"{planned} planned in quantapilot.yml"],
            .. others == 0 ? Array.Empty<string>() : [$"{Writing.Markup.Count(others, "entry", "entries")} in a road map"],
        ];
        return parts.Length == 0 ? "none found" : string.Join(", ", parts);
    }

    /// <summary>Where each type of the product is declared first.</summary>
    public Dictionary<string, Source> Declarations { get; } = new(StringComparer.Ordinal);

    /// <summary>How often each PascalCase identifier of several words occurs in how many files, for the glossary.</summary>
    public Dictionary<string, int> Identifiers { get; } = new(StringComparer.Ordinal);

    /// <summary>From the README, else from the manifest nearest to the root, of the main language if there is one.</summary>
    public string Name => Readme?.Title ?? Nearest.Select(m => m.Name).FirstOrDefault(n => n is not null) ?? "this project";

    public string? Description => Readme?.Description ?? Nearest.Select(m => m.Description).FirstOrDefault(d => d is not null);

    private IEnumerable<Manifest> Nearest
    {
        get
        {
            string[] main = CodeLanguages is [var language, ..] && Ecosystems.TryGetValue(language.Name, out var ecosystems)
                ? ecosystems
                : [];
            return Manifests.Where(m => !m.IsTest)
                .OrderBy(m => m.Path.Count(c => c == '/'))
                .ThenBy(m => main.Contains(m.Ecosystem) ? 0 : 1);
        }
    }

    /// <summary>Programming languages, the largest first.</summary>
    public IReadOnlyList<Language> CodeLanguages =>
        [.. Languages.Values.Where(l => l.IsCode).OrderByDescending(l => l.Bytes).ThenBy(l => l.Name, StringComparer.Ordinal)];

    public static void Add<T>(List<T> list, T entry)
    {
        if (list.Count < MostEntries) list.Add(entry);
    }
}
