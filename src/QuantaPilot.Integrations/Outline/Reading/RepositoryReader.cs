using QuantaPilot.Core.Ports;
using QuantaPilot.Integrations.Outline.Reading.Manifests;

namespace QuantaPilot.Integrations.Outline.Reading;

/// <summary>One pass over the tree: every file is read at most once and nothing of its text is kept but what was found.</summary>
internal static class RepositoryReader
{
    /// <summary>A file with so long a line was made by a machine.</summary>
    private const int LongestLine = 20_000;

    private static readonly IFileReader[] Readers =
    [
        new ReadmeReader(), new ProjectReader(), new PlanReader(), new NodeReader(), new DotNetReader(), new PythonReader(), new GoReader(), new RustReader(),
        new JvmReader(), new RubyAndPhpReader(), new MakeReader(), new ContainerReader(), new CiReader(), new OpenApiReader(), new RouteReader(),
        new TestReader(), new SettingReader(), new CodeReader(),
    ];

    /// <param name="tree">The commit.</param>
    /// <param name="isOurs">True for paths that an earlier run generated: a document must not be learned from itself.</param>
    /// <param name="progress">Is told of the files.</param>
    /// <param name="cancellationToken">Looked at before every file.</param>
    public static Findings Read(SourceTree tree, Func<string, bool> isOurs, IStepProgress progress, CancellationToken cancellationToken)
    {
        var findings = new Findings { HasFile = tree.HasFile, Links = tree.Links, Submodules = tree.Submodules };
        for (var i = 0; i < tree.Files.Count; i++)
        {
            var file = tree.Files[i];
            cancellationToken.ThrowIfCancellationRequested();
            progress.Report(ProgressKind.ReadingFiles, i, tree.Files.Count);
            if (i % LargeWork.Many == 0) LargeWork.GiveBackMemory(i);
            if (isOurs(file.Path)) continue;
            Read(tree, file, findings);
        }
        return findings;
    }

    private static void Read(SourceTree tree, TreeFile file, Findings findings)
    {
        var size = tree.SizeOf(file);
        findings.Files++;
        findings.Bytes += size;
        var readers = file.Role == FileRole.Foreign ? [] : Readers.Where(r => r.Reads(file)).ToList();
        var language = file.Role == FileRole.Foreign ? null : LanguageTable.Of(file);
        var text = readers.Count == 0 && language is null ? null : tree.ReadText(file);
        if (text is null || HasLongLine(text))
        {
            findings.FilesNotRead++;
            AddFolder(file, size, null, findings);
            return;
        }
        AddFolder(file, size, language?.Name, findings);
        if (language is var (name, isCode))
        {
            if (!findings.Languages.TryGetValue(name, out var found)) findings.Languages[name] = found = new(name, isCode);
            found.Files++;
            found.Bytes += size;
            found.Lines += text.AsSpan().Count('\n') + (text.Length > 0 && text[^1] != '\n' ? 1 : 0);
        }
        foreach (var reader in readers)
        {
            try
            {
                reader.Read(file, text, findings);
            }
            catch (FormatException e)
            {
                Findings.Add(findings.Unreadable, new(file.Path, e.Message, null));
            }
        }
    }

    private static void AddFolder(TreeFile file, long size, string? language, Findings findings)
    {
        var parts = file.Path.Split('/');
        for (var depth = 1; depth <= Math.Min(2, parts.Length - 1); depth++)
        {
            var path = string.Join('/', parts.Take(depth));
            if (!findings.Folders.TryGetValue(path, out var folder)) findings.Folders[path] = folder = new(path);
            folder.Files++;
            folder.Bytes += size;
            if (language is not null) folder.FilesByLanguage[language] = folder.FilesByLanguage.GetValueOrDefault(language) + 1;
        }
    }

    private static bool HasLongLine(string text)
    {
        var start = 0;
        while (start < text.Length)
        {
            var end = text.IndexOf('\n', start);
            if ((end < 0 ? text.Length : end) - start > LongestLine) return true;
            if (end < 0) return false;
            start = end + 1;
        }
        return false;
    }
}
