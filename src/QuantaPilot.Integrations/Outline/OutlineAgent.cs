using LibGit2Sharp;
using QuantaPilot.Core.Ports;
using QuantaPilot.Core.Runs;
using QuantaPilot.Integrations.Outline.Reading;
using QuantaPilot.Integrations.Outline.Writing;

namespace QuantaPilot.Integrations.Outline;

/// <summary>
/// Writes the documentation set from the repository alone, without a model. The documents are a function of the commit:
/// the same commit gives the same bytes on every machine. A document of the set that a person wrote, or changed after it
/// was generated, is kept as it is and named in the summary.
/// </summary>
public sealed class OutlineAgent(IStepProgress? progress = null) : IAgent
{
    private const string DefaultPath = "docs";
    private readonly IStepProgress _progress = progress ?? NoProgress.Instance;

    public string Type => "outline";

    /// <exception cref="StepException">documentation_invalid: a document breaks the rules, or the path is not a folder;
    /// repository_unsafe: the path leads outside the checkout or through a link.</exception>
    public Task<AgentResult> RunAsync(AgentTask task, ICheckout checkout, CancellationToken cancellationToken) =>
        Task.Run(() => Run(task, checkout, cancellationToken), cancellationToken);

    private AgentResult Run(AgentTask task, ICheckout checkout, CancellationToken cancellationToken)
    {
        var folder = new DocumentFolder(checkout.Directory, task.Path ?? DefaultPath);
        using var tree = Open(checkout, cancellationToken);
        LargeWork.GiveBackMemory(tree.Files.Count);
        var existing = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var id in DocumentSet.Ids)
        {
            if (tree.Find(Paths.Join(folder.Path, id + ".md")) is not { } file) continue;
            existing[id] = tree.ReadText(file) ?? "";
        }
        var ours = existing.Where(e => GeneratedMarker.IsGenerated(e.Value))
            .Select(e => Paths.Join(folder.Path, e.Key + ".md"))
            .ToHashSet(StringComparer.Ordinal);
        var findings = RepositoryReader.Read(tree, ours.Contains, _progress, cancellationToken);
        LargeWork.GiveBackMemory(tree.Files.Count);
        var documents = DocumentWriter.Write(findings, tree, folder.Path, existing);
        var keptPaths = documents.Kept.Select(k => Paths.Join(folder.Path, k.Id + ".md")).ToList();
        DocumentSet.Check(documents.Generated, p => keptPaths.Contains(p) || tree.HasFile(p) || tree.HasFolder(p));
        folder.Write(documents.Generated, cancellationToken);
        var all = documents.Generated.ToDictionary(StringComparer.Ordinal);
        foreach (var kept in documents.Kept) all[Paths.Join(folder.Path, kept.Id + ".md")] = kept.Text;
        return new AgentResult(Summary.Write(findings, documents, folder.Path), DocumentSet.Digest(all));
    }

    private static SourceTree Open(ICheckout checkout, CancellationToken cancellationToken)
    {
        try
        {
            return new SourceTree(checkout.Directory, checkout.HeadSha, cancellationToken);
        }
        catch (LibGit2SharpException e)
        {
            throw new StepException(
                ErrorCodes.AgentFailed, $"The commit {checkout.HeadSha} could not be read from the checkout.", inner: e);
        }
    }
}
