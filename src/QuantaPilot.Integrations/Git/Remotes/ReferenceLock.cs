using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Logging;

namespace QuantaPilot.Integrations.Git.Remotes;

/// <summary>
/// A held <c>{reference}.lock</c>, git's own right to look at a reference and move it. It comes into being with the new
/// commit as its content; a note of it lies below the temporary root meanwhile, so that the lock of a process that was
/// killed can be told from those of others and taken away.
/// </summary>
internal sealed class ReferenceLock : IDisposable
{
    private const string NoteExtension = ".lock-note";
    private const int Attempts = 100;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

    /// <summary>EEXIST, which is 17 on every Unix, or ERROR_ALREADY_EXISTS: what .NET gives is its number only.</summary>
    private static readonly int AlreadyExists = OperatingSystem.IsWindows() ? unchecked((int)0x800700B7) : 17;

    private readonly string _reference;
    private readonly string _notePath;
    private readonly Note _note;
    private bool _isHeld;

    private ReferenceLock(string reference, string notePath, Note note)
    {
        _reference = reference;
        _notePath = notePath;
        _note = note;
    }

    /// <summary>Waits up to two seconds: any crowd of pushes is through by then, each holds it for milliseconds.</summary>
    /// <param name="root">The temporary root.</param>
    /// <param name="gitDirectory">The directory of the repository.</param>
    /// <param name="reference">The file of the reference in it.</param>
    /// <param name="sha">The commit to which it is to be moved.</param>
    /// <returns>Null if somebody else holds it all that time.</returns>
    public static ReferenceLock? TryTake(string root, string gitDirectory, string reference, string sha)
    {
        var id = Guid.NewGuid().ToString("N");
        var note = new Note(reference + ".lock", Path.Combine(gitDirectory, $"quantapilot-{id}.lock"), sha);
        var taken = new ReferenceLock(reference, Path.Combine(root, id + NoteExtension), note);
        try
        {
            // Not flushed: it outlasts the process, and after a power cut git leaves locks behind too.
            File.WriteAllText(taken._notePath, JsonSerializer.Serialize(note));
            WriteThrough(note.Fresh, note.Content);
            for (var attempt = 1; !taken.TryHold(); attempt++)
            {
                if (attempt == Attempts)
                {
                    taken.Dispose();
                    return null;
                }
                Thread.Sleep(Pause);
            }
            return taken;
        }
        catch
        {
            taken.Dispose();
            throw;
        }
    }

    /// <summary>Takes away the locks of processes that were killed while they held them. Those of others stay.</summary>
    /// <param name="root">The temporary root.</param>
    /// <param name="logger">The log.</param>
    public static void ReleaseLeft(string root, ILogger logger)
    {
        if (!Directory.Exists(root)) return;
        foreach (var path in Directory.EnumerateFiles(root, "*" + NoteExtension))
        {
            try
            {
                // A note that was cut short is one of a lock that was not made yet.
                if (Read(path) is not { } note) continue;
                File.Delete(note.Fresh);
                if (!File.Exists(note.Lock) || File.ReadAllText(note.Lock) != note.Content) continue;
                File.Delete(note.Lock);
                Logs.LockReleased(logger, note.Lock);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // The repository is away or no longer ours to write: a push to it says so.
                Logs.LockNotReleased(logger, path, e);
            }
        }
    }

    /// <summary>Moves the reference to the new commit, which gives the lock up.</summary>
    public void Commit()
    {
        // Left by a branch "a/b" that was deleted, where "a" is to be.
        if (Directory.Exists(_reference)) Directory.Delete(_reference);
        File.Move(_note.Lock, _reference, overwrite: true);
        _isHeld = false;
    }

    public void Dispose()
    {
        if (_isHeld) File.Delete(_note.Lock);
        File.Delete(_note.Fresh);
        File.Delete(_notePath);
    }

    private bool TryHold()
    {
        try
        {
            // A link where the file system has them, so that the lock is never seen without its content.
            File.Move(_note.Fresh, _note.Lock, overwrite: false);
            return _isHeld = true;
        }
        catch (IOException e) when (e.HResult == AlreadyExists)
        {
            return false;
        }
    }

    private static Note? Read(string path)
    {
        try
        {
            return JsonSerializer.Deserialize<Note>(File.ReadAllText(path));
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static void WriteThrough(string path, string text)
    {
        using var file = new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.None);
        file.Write(Encoding.UTF8.GetBytes(text));
        file.Flush(flushToDisk: true);
    }

    /// <param name="Lock">The lock.</param>
    /// <param name="Fresh">The file that becomes the lock.</param>
    /// <param name="Sha">The commit that it names.</param>
    private sealed record Note(string Lock, string Fresh, string Sha)
    {
        [System.Text.Json.Serialization.JsonIgnore]
        public string Content => Sha + "\n";
    }
}
