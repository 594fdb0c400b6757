using LibGit2Sharp;
using QuantaPilot.Core.Ports;
using QuantaPilot.Core.Runs;
using QuantaPilot.Integrations.Git;
using QuantaPilot.Integrations.Outline.Reading;

namespace QuantaPilot.Integrations.Chat.Tasks;

/// <summary>What a model is shown of the repository for a task: names of files, and the text of those that the task names.</summary>
internal sealed record TaskMaterial
{
    /// <summary>The most characters of one file that are shown.</summary>
    public const int MostFile = 60_000;

    private const int MostPaths = 500;
    private const int MostFiles = 8;
    private const int MostText = 150_000;

    /// <summary>What paths stand between in prose.</summary>
    private static readonly char[] Around = [.. " \t\r\n\"'`,;:()[]{}<>*|="];

    /// <summary>How many regular files the commit has.</summary>
    public required int FileCount { get; init; }

    /// <summary>Paths, those near to the root first.</summary>
    public required IReadOnlyList<string> Listing { get; init; }

    /// <summary>Text by path.</summary>
    public required IReadOnlyList<(string Path, string Text)> Files { get; init; }

    /// <summary>Files that are named and not shown, each with the reason.</summary>
    public required IReadOnlyList<(string Path, string Why)> Withheld { get; init; }

    /// <exception cref="StepException">agent_failed: the commit can't be read.</exception>
    public static TaskMaterial Read(AgentTask task, ICheckout checkout, CancellationToken cancellationToken)
    {
        try
        {
            using var tree = new SourceTree(checkout.Directory, checkout.HeadSha, cancellationToken);
            var changed = task.Round > 1 ? LastChanged(checkout) : [];
            IEnumerable<string> named = [.. Named(task.Prompt), .. Named(task.Feedback ?? ""), .. changed];
            return Read(tree, [.. named.Distinct(StringComparer.Ordinal).Where(tree.HasFile)]);
        }
        catch (LibGit2SharpException e)
        {
            var message = $"The commit {checkout.HeadSha} could not be read from the checkout.";
            throw new StepException(ErrorCodes.AgentFailed, message, inner: e);
        }
    }

    private static TaskMaterial Read(SourceTree tree, List<string> named)
    {
        var files = new List<(string, string)>();
        var withheld = new List<(string, string)>();
        var left = MostText;
        foreach (var path in named)
        {
            if (tree.ReadText(tree.Find(path)!) is not { } text) withheld.Add((path, "it is no text, or larger than is read"));
            else if (Redactor.HoldsSecret(text)) withheld.Add((path, "it holds what looks like a secret"));
            else if (text.Length > MostFile) withheld.Add((path, $"it has more than {MostFile} characters"));
            else if (files.Count == MostFiles || text.Length > left) withheld.Add((path, "there are too many"));
            else
            {
                files.Add((path, text));
                left -= text.Length;
            }
        }
        var own = tree.Files.Where(file => file.Role != FileRole.Foreign).OrderBy(file => file.Depth);
        return new TaskMaterial
        {
            FileCount = tree.Files.Count,
            Listing = [.. own.ThenBy(file => file.Path, StringComparer.Ordinal).Select(file => file.Path).Take(MostPaths)],
            Files = files,
            Withheld = withheld,
        };
    }

    /// <summary>The words of a text that may be paths.</summary>
    private static IEnumerable<string> Named(string text) =>
        text.Split(Around, StringSplitOptions.RemoveEmptyEntries)
            .Select(word => word.TrimEnd('.', '!', '?'))
            .Select(word => word.StartsWith("./", StringComparison.Ordinal) ? word[2..] : word);

    /// <summary>What the last commit of the work branch changed: in a rework, what is to be put right.</summary>
    private static List<string> LastChanged(ICheckout checkout)
    {
        if (!checkout.ContinuesWorkBranch || checkout.HeadSha == checkout.BaseSha) return [];
        using var repository = new Repository(checkout.Directory);
        var head = repository.Lookup<Commit>(checkout.HeadSha);
        return head.Parents.FirstOrDefault() is { } parent ? WorkingTree.Differences(repository, parent.Tree, head.Tree) : [];
    }
}
