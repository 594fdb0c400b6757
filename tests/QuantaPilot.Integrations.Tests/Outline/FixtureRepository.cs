using System.Text;
using LibGit2Sharp;
using QuantaPilot.Core.Pipeline;
using QuantaPilot.Core.Ports;
using QuantaPilot.Core.Runs;
using QuantaPilot.Integrations.Outline;

namespace QuantaPilot.Integrations.Tests.Outline;

/// <summary>
/// A real repository with one branch whose trees are built as git objects, so that names and modes may be anything git
/// stores. The working directory holds only what a test puts there and what the agent writes.
/// </summary>
internal sealed class FixtureRepository : ICheckout, IDisposable
{
    public static readonly DateTimeOffset CommittedAt = new(2025, 8, 19, 12, 0, 0, TimeSpan.Zero);

    private readonly DirectoryInfo _directory = System.IO.Directory.CreateTempSubdirectory("qp-outline-tests-");
    private readonly Repository _repository;
    private readonly TreeDefinition _tree = new();

    public FixtureRepository(params (string Path, string Text)[] files)
    {
        Repository.Init(Directory);
        _repository = new Repository(Directory);
        foreach (var (path, text) in files) Add(path, Encoding.UTF8.GetBytes(text));
        Commit();
    }

    public string Directory => _directory.FullName;
    public string HeadSha => _repository.Head.Tip.Sha;
    public string BaseSha => HeadSha;
    public bool ContinuesWorkBranch => false;

    public void Add(string path, byte[] content, Mode mode = Mode.NonExecutableFile) =>
        _tree.Add(path, _repository.ObjectDatabase.CreateBlob(new MemoryStream(content)), mode);

    /// <summary>Adds the same folder many times.</summary>
    public void AddFolders(string parent, int count, (string Name, string Text)[] files)
    {
        var folder = new TreeDefinition();
        foreach (var (name, text) in files) folder.Add(
            name, _repository.ObjectDatabase.CreateBlob(new MemoryStream(Encoding.UTF8.GetBytes(text))), Mode.NonExecutableFile);
        var tree = _repository.ObjectDatabase.CreateTree(folder);
        for (var i = 0; i < count; i++) _tree.Add($"{parent}/f{i}", tree);
    }

    public void Commit(DateTimeOffset? at = null)
    {
        var who = new Signature("A Person", "person@example.com", at ?? CommittedAt);
        var parents = _repository.Head.Tip is { } tip ? new[] { tip } : [];
        var commit = _repository.ObjectDatabase.CreateCommit(
            who, who, "change", _repository.ObjectDatabase.CreateTree(_tree), parents, prettifyMessage: false);
        _repository.Refs.Add(_repository.Refs.Head.TargetIdentifier, commit.Id, allowOverwrite: true);
    }

    /// <summary>Takes what lies in the folder of the working directory into a new commit.</summary>
    public void CommitFolder(string folder, DateTimeOffset at)
    {
        foreach (var file in System.IO.Directory.GetFiles(Path.Combine(Directory, folder)))
        {
            Add($"{folder}/{Path.GetFileName(file)}", File.ReadAllBytes(file));
        }
        Commit(at);
    }

    public Task<AgentResult> RunAsync(string? path = null, CancellationToken cancellationToken = default) =>
        new OutlineAgent().RunAsync(
            new AgentTask(
                RunId.Parse(new string('2', 32)),
                "https://example.com/a/b",
                "main",
                "documentation",
                "",
                path,
                AgentDefinition.Outline), this, cancellationToken);

    public string Document(string id, string folder = "docs") => File.ReadAllText(Path.Combine(Directory, folder, id + ".md"));

    public SortedDictionary<string, string> Documents(string folder = "docs") =>
        new(
            System.IO.Directory.GetFiles(Path.Combine(Directory, folder)).ToDictionary(f => Path.GetFileName(f), File.ReadAllText),
            StringComparer.Ordinal);

    public string? ReadText(string path) => throw new NotSupportedException("The agent reads the commit.");

    public bool HasCommitFor(string step) => false;

    public Task<PushedWork> CommitAndPushAsync(string step, string message, CancellationToken cancellationToken) =>
        throw new NotSupportedException("Agents don't push.");

    public void Dispose()
    {
        _repository.Dispose();
        foreach (var file in _directory.EnumerateFiles("*", SearchOption.AllDirectories).Where(f => f.LinkTarget is null))
        {
            file.Attributes = FileAttributes.Normal;
        }
        _directory.Delete(recursive: true);
    }

    public ValueTask DisposeAsync()
    {
        Dispose();
        return ValueTask.CompletedTask;
    }
}
