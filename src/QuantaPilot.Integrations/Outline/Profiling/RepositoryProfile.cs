using LibGit2Sharp;
using QuantaPilot.Core.Ports;
using QuantaPilot.Integrations.Outline.Reading;

namespace QuantaPilot.Integrations.Outline.Profiling;

/// <summary>What a first quantapilot.yml of a repository can be made of, as <c>outline</c> recognises it.</summary>
public sealed record RepositoryProfile
{
    private const int MostLanguages = 3;

    /// <summary>What is known of a repository without a commit.</summary>
    public static RepositoryProfile Empty { get; } = new();

    /// <summary>Programming languages, the largest first; at most three.</summary>
    public IReadOnlyList<string> Languages { get; private init; } = [];

    /// <summary>Where documentation goes: the folder that has some already, else <c>docs</c>.</summary>
    public string DocumentationPath { get; private init; } = DocumentationFolder.Default;

    /// <summary>Commands that test the project, in the order in which they must run; none of them was tried.</summary>
    public IReadOnlyList<ProposedCheck> Checks { get; private init; } = [];

    /// <summary>Files that describe continuous integration, each with its system, e.g. <c>GitHub Actions</c>.</summary>
    public IReadOnlyList<(string Path, string System)> Pipelines { get; private init; } = [];

    /// <summary>Reads a commit. Its files are never run, and links are not followed.</summary>
    /// <param name="directory">A directory of the repository.</param>
    /// <param name="commit">The commit.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <exception cref="LibGit2SharpException">The directory or the commit can't be read.</exception>
    public static RepositoryProfile Read(string directory, string commit, CancellationToken cancellationToken)
    {
        using var tree = new SourceTree(directory, commit, cancellationToken);
        var findings = RepositoryReader.Read(tree, _ => false, NoProgress.Instance, cancellationToken);
        return new RepositoryProfile
        {
            Languages = [.. findings.CodeLanguages.Take(MostLanguages).Select(language => language.Name)],
            DocumentationPath = DocumentationFolder.Find(tree, findings),
            Checks = CheckProposals.From(tree, findings),
            Pipelines = [.. findings.Pipelines.Select(pipeline => (pipeline.Path, pipeline.System))],
        };
    }
}

/// <param name="Run">Program and arguments, for a start in the root of a checkout without a shell.</param>
/// <param name="Source">The file that it follows from.</param>
public sealed record ProposedCheck(IReadOnlyList<string> Run, string Source);
