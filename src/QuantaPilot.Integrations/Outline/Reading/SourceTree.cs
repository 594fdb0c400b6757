using System.Text;
using LibGit2Sharp;

namespace QuantaPilot.Integrations.Outline.Reading;

/// <summary>
/// The tree of one commit, read from git's objects rather than from the working directory: what is not in the commit
/// can't be seen, links are never followed, and the same commit reads the same on every machine.
/// </summary>
internal sealed class SourceTree : IDisposable
{
    /// <summary>Larger files are counted and not read: no source that a person writes is so large.</summary>
    public const int MostBytesRead = 512 * 1024;

    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: false);
    private static readonly Comparison<TreeFile> _byPath = (one, other) => string.CompareOrdinal(one.Path, other.Path);
    private readonly Repository _repository;
    private readonly HashSet<string> _folders = new(StringComparer.Ordinal) { "" };
    private readonly List<TreeFile> _files = [];

    /// <exception cref="RepositoryNotFoundException">There is no git repository in the directory.</exception>
    public SourceTree(string directory, string commit, CancellationToken cancellationToken)
    {
        _repository = new Repository(directory);
        var head = _repository.Lookup<Commit>(commit) ?? throw new NotFoundException($"The checkout has no commit {commit}.");
        CommittedAt = head.Committer.When.ToUniversalTime();
        Add(head.Tree, "", cancellationToken);
        _files.Sort(_byPath);
    }

    /// <summary>When the commit was made, in UTC.</summary>
    public DateTimeOffset CommittedAt { get; }

    /// <summary>Regular files, in the ordinal order of their paths.</summary>
    public IReadOnlyList<TreeFile> Files => _files;

    /// <summary>Symbolic links; they are never followed.</summary>
    public int Links { get; private set; }

    public int Submodules { get; private set; }

    public bool HasFile(string path) => Find(path) is not null;

    public bool HasFolder(string path) => _folders.Contains(path);

    public TreeFile? Find(string path)
    {
        // In the list itself: a table of a hundred thousand paths takes as much again.
        var (low, high) = (0, _files.Count - 1);
        while (low <= high)
        {
            var middle = (low + high) / 2;
            var order = string.CompareOrdinal(_files[middle].Path, path);
            if (order == 0) return _files[middle];
            if (order < 0) low = middle + 1;
            else high = middle - 1;
        }
        return null;
    }

    /// <summary>The size in bytes, from the object's header.</summary>
    public long SizeOf(TreeFile file) => _repository.ObjectDatabase.RetrieveObjectMetadata(file.Id).Size;

    /// <summary>
    /// The text with invalid bytes replaced and line ends as LF, or null if it is binary or larger than <see cref="MostBytesRead"/>.
    /// </summary>
    public string? ReadText(TreeFile file)
    {
        if (SizeOf(file) > MostBytesRead) return null;
        using var stream = _repository.Lookup<Blob>(file.Id).GetContentStream();
        using var memory = new MemoryStream();
        stream.CopyTo(memory);
        var bytes = memory.GetBuffer().AsSpan(0, (int)memory.Length);
        if (bytes.StartsWith(Encoding.UTF8.Preamble)) bytes = bytes[3..];
        if (bytes[..Math.Min(bytes.Length, 8_000)].Contains((byte)0)) return null;
        var text = Utf8.GetString(bytes);
        return text.Contains('\r', StringComparison.Ordinal) ? text.ReplaceLineEndings("\n") : text;
    }

    public void Dispose() => _repository.Dispose();

    private void Add(Tree tree, string prefix, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        foreach (var entry in tree)
        {
            var path = prefix + entry.Name;
            switch (entry.Mode)
            {
                case Mode.Directory:
                    _folders.Add(path);
                    Add((Tree)entry.Target, path + "/", cancellationToken);
                    break;
                case Mode.SymbolicLink:
                    Links++;
                    break;
                case Mode.GitLink:
                    Submodules++;
                    break;
                default:
                    _files.Add(new TreeFile(path, entry.Name, entry.Target.Id));
                    break;
            }
        }
    }
}

/// <param name="Path">From the root of the repository, with <c>/</c>.</param>
/// <param name="Name">The last part of the path.</param>
/// <param name="Id">The blob.</param>
internal sealed record TreeFile(string Path, string Name, ObjectId Id)
{
    public string Extension { get; } = System.IO.Path.GetExtension(Name).ToLowerInvariant();

    public string Folder => Path.Length == Name.Length ? "" : Path[..^(Name.Length + 1)];

    /// <summary>0 for a file at the root.</summary>
    public int Depth => Path.AsSpan().Count('/');

    /// <summary>The parts of the program's own code, as opposed to tests, examples and documentation.</summary>
    public FileRole Role { get; } = FileRoles.Of(Path);
}
