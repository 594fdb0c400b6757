using Microsoft.Data.Sqlite;

namespace QuantaPilot.Engine.Storage;

/// <summary>
/// A look at a <see cref="SqliteFile"/> that changes neither the file nor anything beside it.
/// <para>
/// Where no process has the file, it is opened as immutable: without SQLite's locks and without its log and shared memory.
/// The lock of <see cref="SqliteFile"/> is shared meanwhile, so that no process that would change the file can open it.
/// </para>
/// <para>
/// Where a process has it, it is read beside that one as its own readers do, each query for itself, so that the log can be
/// written back in between.
/// </para>
/// <para>
/// A file whose last process was killed (its log is not written back), or whose schema is older, is copied to a directory
/// of its own, where the copy is brought up to date; it goes with the view.
/// </para>
/// </summary>
public sealed class SqliteView : IDisposable
{
    private readonly FileStream? _lock;
    private readonly SqliteSession? _session;
    private readonly CopiedFile? _copy;

    private SqliteView(bool isInUse, FileStream? fileLock, SqliteSession? session, CopiedFile? copy)
    {
        IsInUse = isInUse;
        _lock = fileLock;
        _session = session;
        _copy = copy;
    }

    /// <summary>True if another process has the file.</summary>
    public bool IsInUse { get; }

    /// <summary>True if a copy is read.</summary>
    public bool IsCopy => _copy is not null;

    /// <exception cref="SqliteFileException">
    /// There is no such file, it is none of this product, it is from a newer version, or a copy that is needed can't be made.
    /// </exception>
    public static SqliteView Open(string path, params IReadOnlyList<SchemaScripts> schema)
    {
        if (!File.Exists(path)) throw new SqliteFileException($"There is no file {path}.");
        var (isInUse, fileLock) = Hold(path);
        SqliteSession? session = null;
        CopiedFile? copy = null;
        try
        {
            if (!isInUse && CopiedFile.HasLog(path))
            {
                copy = CopiedFile.OfLog(path);
                using (var left = Connect(copy.Path, immutable: false)) IsOlder(left, path, schema);
                copy.Open(path, schema);
            }
            else
            {
                session = Connect(path, immutable: !isInUse);
                if (IsOlder(session, path, schema))
                {
                    copy = CopiedFile.Of(session, path);
                    session.Dispose();
                    session = null;
                    copy.Open(path, schema);
                }
            }
            return new SqliteView(isInUse, fileLock, session, copy);
        }
        catch (Exception e)
        {
            session?.Dispose();
            copy?.Dispose();
            fileLock?.Dispose();
            if (e is SqliteException sqlite) throw new SqliteFileException($"The file {path} cannot be read: {sqlite.Message}", sqlite);
            throw;
        }
    }

    public void Dispose()
    {
        _session?.Dispose();
        _copy?.Dispose();
        _lock?.Dispose();
    }

    /// <summary>Runs a read on the calling thread. Not for several threads at once.</summary>
    internal T Read<T>(Func<SqliteSession, T> query) => _copy is null ? query(_session!) : _copy.File.Read(query);

    /// <summary>Shares the lock that the owning process holds alone. The file of the lock is never made here.</summary>
    private static (bool IsInUse, FileStream? Lock) Hold(string path)
    {
        var name = SqliteFile.LockOf(path);
        if (!File.Exists(name)) return (false, null);
        try
        {
            return (false, new FileStream(name, FileMode.Open, FileAccess.Read, FileShare.Read));
        }
        catch (UnauthorizedAccessException e)
        {
            throw new SqliteFileException($"The file {path} cannot be read: {e.Message}", e);
        }
        catch (IOException)
        {
            return (true, null);
        }
    }

    private static SqliteSession Connect(string path, bool immutable)
    {
        var source = immutable ? $"{new Uri(path).AbsoluteUri}?immutable=1" : path;
        var connection = new SqliteConnection(
            new SqliteConnectionStringBuilder { DataSource = source, Mode = SqliteOpenMode.ReadOnly, Pooling = false }.ToString());
        try
        {
            connection.Open();
            return new SqliteSession(connection);
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    /// <exception cref="SqliteFileException">It is none of this product's files, or a newer one.</exception>
    private static bool IsOlder(SqliteSession session, string path, IReadOnlyList<SchemaScripts> schema)
    {
        if (session.Scalar("SELECT count(*) FROM sqlite_master WHERE name = 'schema_version'") is 0L)
        {
            // Empty is what a process leaves that was killed while it made the file.
            if (session.Scalar("SELECT count(*) FROM sqlite_master") is 0L) return true;
            throw new SqliteFileException($"The file {path} is a SQLite file of another program: it has no table schema_version.");
        }
        // All of them, so that a part from a newer version is seen.
        return schema.Select(part => part.IsOlder(session, path)).ToList().Contains(true);
    }
}
