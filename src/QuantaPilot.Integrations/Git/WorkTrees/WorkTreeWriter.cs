using System.Text;
using LibGit2Sharp;
using QuantaPilot.Core.Ports;

namespace QuantaPilot.Integrations.Git.WorkTrees;

/// <summary>
/// Writes the files of a commit to a new working directory. libgit2's own checkout uses one processor, and once it has begun
/// to write it can't be stopped.
/// </summary>
/// <param name="directory">Of the repository: nothing but its <c>.git</c> is there.</param>
/// <param name="progress">Is told of the files.</param>
/// <param name="cancellationToken">Looked at before every file.</param>
internal sealed class WorkTreeWriter(string directory, IStepProgress progress, CancellationToken cancellationToken)
{
    /// <summary>Each holds one file in memory; disks and file systems gain nothing from more.</summary>
    private const int MostWriters = 4;

    private const string AttributesFile = ".gitattributes";
    private const UnixFileMode Everybody = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead
        | UnixFileMode.GroupWrite | UnixFileMode.OtherRead | UnixFileMode.OtherWrite;
    private const UnixFileMode Executable = Everybody | UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    private int _written;

    /// <summary>Writes them, and the index that says so.</summary>
    /// <param name="entries">All of one commit, found to be safe by <see cref="TreeGuard"/>.</param>
    /// <exception cref="NotFoundException">A file is missing in the repository.</exception>
    public void Write(IReadOnlyList<WorkTreeEntry> entries)
    {
        MakeDirectories(entries);
        // Filters go by the attributes in the working directory, so these come first.
        var attributes = entries.Where(entry => IsFile(entry) && IsAttributes(entry.Path)).ToList();
        WriteFiles(attributes, filtered: false, entries.Count);
        WriteFiles([.. entries.Where(entry => IsFile(entry) && !IsAttributes(entry.Path))], attributes.Count > 0, entries.Count);
        // Last, so that no file is ever written through one.
        WriteLinks([.. entries.Where(entry => entry.Mode == Mode.SymbolicLink)]);
        IndexFile.Write(Path.Combine(directory, ".git", "index"), entries);
    }

    private static bool IsFile(WorkTreeEntry entry) => entry.Mode is not (Mode.SymbolicLink or Mode.GitLink);

    private static bool IsAttributes(string path) => path.EndsWith(AttributesFile, StringComparison.Ordinal)
        && (path.Length == AttributesFile.Length || path[^(AttributesFile.Length + 1)] == '/');

    private void MakeDirectories(IReadOnlyList<WorkTreeEntry> entries)
    {
        var made = new HashSet<string>(StringComparer.Ordinal) { "" };
        foreach (var entry in entries)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var slash = entry.Path.LastIndexOf('/');
            // Submodules stay empty directories.
            var name = entry.Mode == Mode.GitLink ? entry.Path : slash < 0 ? "" : entry.Path[..slash];
            if (made.Add(name)) Directory.CreateDirectory(Path.Combine(directory, name));
        }
    }

    private void WriteFiles(List<WorkTreeEntry> files, bool filtered, int total)
    {
        if (files.Count == 0) return;
        var options = new ParallelOptions
        {
            CancellationToken = cancellationToken,
            MaxDegreeOfParallelism = Math.Min(MostWriters, Environment.ProcessorCount),
        };
        try
        {
            // A repository object is for one thread.
            Parallel.ForEach(files, options, () => new Repository(directory), (file, _, repository) =>
            {
                cancellationToken.ThrowIfCancellationRequested();
                WriteFile(repository, file, filtered);
                progress.Report(ProgressKind.CheckingOutFiles, Interlocked.Increment(ref _written), total);
                return repository;
            }, repository => repository.Dispose());
        }
        catch (AggregateException e)
        {
            // The first that went wrong stopped the others.
            System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(e.InnerExceptions[0]);
        }
    }

    private void WriteFile(Repository repository, WorkTreeEntry entry, bool filtered)
    {
        var blob = repository.Lookup<Blob>(entry.Id) ?? throw new NotFoundException($"The repository lacks the object {entry.Id}.");
        var path = Path.Combine(directory, entry.Path);
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, BufferSize = 0 };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = entry.Mode == Mode.ExecutableFile ? Executable : Everybody;
        using (var content = filtered ? blob.GetContentStream(new FilteringOptions(entry.Path)) : blob.GetContentStream())
        using (var file = new FileStream(path, options))
        {
            content.CopyTo(file, 256 * 1024);
        }
        entry.Status = FileStatus.Of(path);
    }

    private void WriteLinks(List<WorkTreeEntry> links)
    {
        if (links.Count == 0) return;
        using var repository = new Repository(directory);
        foreach (var link in links)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var path = Path.Combine(directory, link.Path);
            File.CreateSymbolicLink(path, repository.Lookup<Blob>(link.Id).GetContentText(Encoding.UTF8));
            link.Status = FileStatus.Of(path);
        }
    }
}
