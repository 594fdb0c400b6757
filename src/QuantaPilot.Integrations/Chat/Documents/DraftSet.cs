using QuantaPilot.Core.Ports;
using QuantaPilot.Integrations.Outline;
using QuantaPilot.Integrations.Outline.Reading;
using QuantaPilot.Integrations.Outline.Writing;

namespace QuantaPilot.Integrations.Chat.Documents;

/// <param name="Id">Its name without <c>.md</c>.</param>
/// <param name="Path">Where it goes in the repository.</param>
/// <param name="FrontMatter">What it begins with, between and with the lines of <c>---</c>.</param>
/// <param name="Body">What <c>outline</c> found for it.</param>
/// <param name="Existing">What an agent wrote there before, or null.</param>
internal sealed record DraftDocument(string Id, string Path, string FrontMatter, string Body, string? Existing);

/// <summary>
/// What a model starts from: the documents that <c>outline</c> writes, which hold all that was found in the repository, and the
/// decision which documents are a person's and stay.
/// </summary>
internal sealed record DraftSet
{
    public const string Anchor = "ANCHOR";

    private static readonly string[] Readmes = ["README.md", "readme.md", "Readme.md", "README.rst", "README.adoc", "README.txt", "README"];

    public required DocumentFolder Folder { get; init; }

    /// <summary>The documents to be written, in the order of the set.</summary>
    public required IReadOnlyList<DraftDocument> Drafts { get; init; }

    /// <summary>Documents of a person, by id.</summary>
    public required IReadOnlyDictionary<string, string> Kept { get; init; }

    /// <summary>What <c>outline</c> tells the reviewer of the project, as lines of Markdown.</summary>
    public required IReadOnlyList<string> Facts { get; init; }

    /// <summary>What the project says of itself, or null.</summary>
    public required string? Readme { get; init; }

    public string? Find(string id) => Drafts.FirstOrDefault(draft => draft.Id == id)?.Body ?? Kept.GetValueOrDefault(id);

    /// <summary>Has <c>outline</c> write its documents into the checkout, where the model's take their place.</summary>
    /// <exception cref="StepException">As <see cref="OutlineAgent.RunAsync"/>.</exception>
    public static async Task<DraftSet> CreateAsync(AgentTask task, ICheckout checkout, CancellationToken cancellationToken)
    {
        var folder = new DocumentFolder(checkout.Directory, task.Path!);
        var before = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var id in DocumentSet.Ids)
        {
            if (checkout.ReadText(Paths.Join(folder.Path, id + ".md")) is { } text) before[id] = text;
        }
        var outline = await new OutlineAgent().RunAsync(task, checkout, cancellationToken);
        var kept = before.Where(entry => !GeneratedMarker.IsGenerated(entry.Value)).ToDictionary(StringComparer.Ordinal);
        var drafts = DocumentSet.Ids.Where(id => !kept.ContainsKey(id))
            .Select(id => Read(checkout, folder, id, before.GetValueOrDefault(id)));
        var lines = outline.Summary.Split('\n');
        // What follows is about the documents that outline wrote, and the model's are others; but for those that are kept.
        var facts = lines.TakeWhile(line => !line.StartsWith("- Open questions", StringComparison.Ordinal));
        var faulty = lines.Where(line => line.StartsWith("- Needs a hand", StringComparison.Ordinal));
        return new DraftSet
        {
            Folder = folder,
            Drafts = [.. drafts],
            Kept = kept,
            Facts = [.. facts, .. faulty],
            Readme = Readmes.Select(checkout.ReadText).FirstOrDefault(text => text is not null),
        };
    }

    private static DraftDocument Read(ICheckout checkout, DocumentFolder folder, string id, string? before)
    {
        var path = Paths.Join(folder.Path, id + ".md");
        var text = GeneratedMarker.Strip(File.ReadAllText(Path.Combine(checkout.Directory, path)));
        var body = FrontMatterBlock.BodyStart(text);
        return new DraftDocument(id, path, text[..body], text[body..], before?.ReplaceLineEndings("\n"));
    }
}
