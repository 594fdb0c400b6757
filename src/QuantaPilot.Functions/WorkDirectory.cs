using System.Globalization;

namespace QuantaPilot.Functions;

/// <summary>
/// A directory for checkouts that this process has to itself. A machine may run several workers at once, and one that was
/// killed must not fill the disk: its directory is taken over by the next.
/// </summary>
internal sealed class WorkDirectory : IDisposable
{
    /// <summary>No machine runs as many workers at once.</summary>
    private const int Most = 100;

    private readonly FileStream _lock;

    private WorkDirectory(string path, FileStream @lock)
    {
        Path = path;
        _lock = @lock;
    }

    public string Path { get; }

    /// <summary>Takes the first one that no living process has.</summary>
    /// <param name="root">Holds them; made if it is missing.</param>
    /// <exception cref="IOException">All are in use, or the root cannot be written.</exception>
    public static WorkDirectory Take(string root)
    {
        Directory.CreateDirectory(root);
        for (var number = 0; number < Most; number++)
        {
            var path = System.IO.Path.Combine(root, number.ToString(CultureInfo.InvariantCulture));
            // The system gives the lock back when the process ends, however it does.
            if (TryLock(path + ".lock") is { } @lock) return new WorkDirectory(path, @lock);
        }
        throw new IOException($"All of the {Most} directories below {root} are in use.");
    }

    public void Dispose() => _lock.Dispose();

    private static FileStream? TryLock(string path)
    {
        try
        {
            return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException) when (File.Exists(path))
        {
            return null;
        }
    }
}
