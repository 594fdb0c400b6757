using System.Collections.Concurrent;
using Microsoft.Data.Sqlite;
using QuantaPilot.Core.Ports;

namespace QuantaPilot.Engine.Storage;

/// <summary>
/// One SQLite file, owned by one process: many readers, and one writer with group commit. Whatever is waiting when the
/// writer wakes goes into one transaction, so throughput grows with load while a lone commit pays one fsync.
/// </summary>
public sealed class SqliteFile : IDisposable
{
    /// <summary>Bounds how long the first of a group waits for its commit.</summary>
    private const int MaxGroup = 512;

    private readonly string _connectionString;
    private readonly FileStream _lock;
    private readonly GroupWriter _writer;
    private readonly ConcurrentBag<SqliteSession> _readers = [];

    private SqliteFile(string connectionString, FileStream fileLock, SqliteSession writer)
    {
        _connectionString = connectionString;
        _lock = fileLock;
        _writer = new GroupWriter(writer, MaxGroup);
    }

    /// <summary>Opens or creates the file, takes it for this process and brings its schema up to date.</summary>
    /// <exception cref="SqliteFileException">Another process has it, it is from a newer version, or it is no SQLite file.</exception>
    public static SqliteFile Open(string path, params IReadOnlyList<SchemaScripts> schema)
    {
        var fileLock = Lock(path);
        SqliteSession? session = null;
        try
        {
            var connectionString = new SqliteConnectionStringBuilder { DataSource = path, Pooling = false }.ToString();
            session = Connect(connectionString);
            session.Execute("BEGIN IMMEDIATE");
            foreach (var part in schema) part.Upgrade(session);
            session.Execute("COMMIT");
            return new SqliteFile(connectionString, fileLock, session);
        }
        catch (Exception e)
        {
            session?.Dispose();
            fileLock.Dispose();
            if (e is SqliteException sqlite) throw new SqliteFileException($"The file {path} cannot be opened: {sqlite.Message}", sqlite);
            throw;
        }
    }

    /// <summary>
    /// Runs an operation in one of the writer's next transactions; done once that is on disk. Operations of a lane run in the
    /// order of the calls. One that throws leaves nothing behind and does not harm the others of its group; since the group is then
    /// rolled back and run again one by one, an operation may run twice and must change nothing but the database.
    /// </summary>
    /// <exception cref="StorageUnavailableException">The disk is away, full or busy; nothing was written.</exception>
    public Task<T> WriteAsync<T>(Func<SqliteSession, T> operation, WriteLane lane = WriteLane.Background) =>
        _writer.Enqueue(operation, lane);

    /// <summary>Runs a read on the calling thread, against the last commit.</summary>
    /// <exception cref="StorageUnavailableException">The disk is away, full or busy.</exception>
    public T Read<T>(Func<SqliteSession, T> query)
    {
        try
        {
            if (!_readers.TryTake(out var session)) session = Connect(_connectionString);
            try
            {
                return query(session);
            }
            finally
            {
                _readers.Add(session);
            }
        }
        catch (SqliteException e) when (SqliteFaults.IsAway(e))
        {
            throw SqliteFaults.Away(e);
        }
    }

    /// <summary>Commits what was enqueued, then closes the file and frees it for other processes.</summary>
    public void Dispose()
    {
        _writer.Dispose();
        foreach (var reader in _readers) reader.Dispose();
        _lock.Dispose();
    }

    /// <summary>The file that the owning process locks.</summary>
    internal static string LockOf(string path) => path + ".lock";

    private static FileStream Lock(string path)
    {
        try
        {
            // A lock on a file of its own: closing any handle of the database itself would drop SQLite's own locks (POSIX).
            return new FileStream(LockOf(path), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (DirectoryNotFoundException e)
        {
            throw new SqliteFileException($"The file {path} cannot be opened: its folder does not exist.", e);
        }
        catch (UnauthorizedAccessException e)
        {
            throw new SqliteFileException($"The file {path} cannot be opened: {e.Message}", e);
        }
        catch (IOException e)
        {
            throw new SqliteFileException($"The file {path} is in use by another process.", e);
        }
    }

    private static SqliteSession Connect(string connectionString)
    {
        var connection = new SqliteConnection(connectionString);
        connection.Open();
        var session = new SqliteSession(connection);
        session.Scalar("PRAGMA journal_mode = WAL");
        session.Execute("PRAGMA synchronous = FULL");
        session.Execute("PRAGMA busy_timeout = 10000");
        return session;
    }
}
