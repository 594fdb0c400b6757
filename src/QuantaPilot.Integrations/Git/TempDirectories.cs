using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace QuantaPilot.Integrations.Git;

/// <summary>The temporary directories of one process, all below one root.</summary>
internal sealed class TempDirectories(string root, ILogger logger)
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(0.5);
    private static readonly TimeSpan _settling = TimeSpan.FromSeconds(5);
    private readonly ConcurrentDictionary<string, Task> _deletions = new(StringComparer.Ordinal);

    /// <exception cref="ArgumentException">The root is not absolute.</exception>
    public string Root { get; } = Path.IsPathFullyQualified(root)
        ? Path.TrimEndingDirectorySeparator(Path.GetFullPath(root))
        : throw new ArgumentException("TempRoot is an absolute path.", nameof(root));

    /// <summary>Makes a new directory that only this user can read.</summary>
    public string Create()
    {
        if (OperatingSystem.IsWindows()) Directory.CreateDirectory(Root);
        else Directory.CreateDirectory(Root, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        var path = Path.Combine(Root, Guid.NewGuid().ToString("N")[..12]);
        Directory.CreateDirectory(path);
        return path;
    }

    /// <summary>
    /// Deletes a directory with everything in it. Links are removed, never followed. What takes longer than half a second goes
    /// on beside: whoever has cancelled a run waits for its step to end, and a hundred thousand files take their time.
    /// </summary>
    public void Delete(string path)
    {
        var deletion = Task.Factory.StartNew(
            () => DeleteNow(path), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        _deletions[path] = deletion;
        if (deletion.Wait(_patience)) _deletions.TryRemove(path, out _);
        else deletion.ContinueWith(_ => _deletions.TryRemove(path, out var _), TaskScheduler.Default);
    }

    /// <summary>Waits for what goes on beside, for a while: what is left then is deleted at the next start.</summary>
    public void Settle() => Task.WaitAll([.. _deletions.Values], _settling);

    private void DeleteNow(string path)
    {
        try
        {
            if (!Directory.Exists(path)) return;
            MakeWritable(path);
            Directory.Delete(path, recursive: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The work that the directory was for is done or has failed already: neither may turn out differently for
            // this. CleanLeftovers tries again at the next start.
            Logs.TempDirectoryNotDeleted(logger, path, e);
        }
    }

    /// <summary>Deletes everything below the root: what killed processes left.</summary>
    public void DeleteAll()
    {
        if (!Directory.Exists(Root)) return;
        foreach (var entry in new DirectoryInfo(Root).EnumerateFileSystemInfos())
        {
            if (entry is DirectoryInfo && entry.LinkTarget is null) Delete(entry.FullName);
            else entry.Delete();
        }
    }

    /// <summary>Makes all below a directory deletable. Links are not followed.</summary>
    public static void MakeWritable(string path)
    {
        // Agents and build tools make read-only directories (module caches do); their entries can't be deleted as they
        // are. On Windows it is the read-only files, such as git's objects.
        var everything = new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.None };
        if (OperatingSystem.IsWindows())
        {
            foreach (var file in Directory.EnumerateFiles(path, "*", everything)) File.SetAttributes(file, FileAttributes.Normal);
            return;
        }
        const UnixFileMode Needed = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
        var pending = new Stack<DirectoryInfo>([new DirectoryInfo(path)]);
        while (pending.TryPop(out var directory))
        {
            if ((directory.UnixFileMode & Needed) != Needed) directory.UnixFileMode |= Needed;
            foreach (var child in directory.EnumerateDirectories())
            {
                if (child.LinkTarget is null) pending.Push(child);
            }
        }
    }
}
