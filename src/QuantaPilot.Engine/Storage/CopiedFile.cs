using Microsoft.Data.Sqlite;

namespace QuantaPilot.Engine.Storage;

/// <summary>A private copy of a data file, in a directory that only its owner can read and that goes with it.</summary>
internal sealed class CopiedFile : IDisposable
{
    private const string Log = "-wal";

    private readonly DirectoryInfo _directory;
    private SqliteFile? _file;

    private CopiedFile(string original, long bytes)
    {
        _directory = Directory.CreateTempSubdirectory("qp-copy-");
        Path = System.IO.Path.Combine(_directory.FullName, System.IO.Path.GetFileName(original));
        var free = new DriveInfo(_directory.FullName).AvailableFreeSpace;
        if (free > bytes) return;
        Dispose();
        throw new SqliteFileException(
            $"The file {original} must be copied to be read, which takes {bytes / 1_048_576 + 1} MiB; {System.IO.Path.GetTempPath()} has "
            + $"{free / 1_048_576} MiB. Set TMPDIR to a directory with more.");
    }

    public string Path { get; }

    public SqliteFile File => _file ?? throw new InvalidOperationException("The copy has not been opened.");

    /// <summary>True if a process that was killed left something that has not been written back to the file.</summary>
    public static bool HasLog(string path) => new FileInfo(path + Log) is { Exists: true, Length: > 0 };

    /// <summary>Copies a file that no process has, together with its log.</summary>
    public static CopiedFile OfLog(string path)
    {
        var copy = new CopiedFile(path, 2 * (Length(path) + Length(path + Log)));
        try
        {
            System.IO.File.Copy(path, copy.Path);
            System.IO.File.Copy(path + Log, copy.Path + Log);
            return copy;
        }
        catch (Exception e)
        {
            copy.Dispose();
            if (e is IOException or UnauthorizedAccessException)
                throw new SqliteFileException($"The file {path} cannot be copied: {e.Message}", e);
            throw;
        }
    }

    /// <summary>Copies what an open session sees.</summary>
    public static CopiedFile Of(SqliteSession session, string path)
    {
        var copy = new CopiedFile(path, 2 * (Length(path) + Length(path + Log)));
        try
        {
            using var target = new SqliteConnection(
                new SqliteConnectionStringBuilder { DataSource = copy.Path, Pooling = false }.ToString());
            target.Open();
            session.Connection.BackupDatabase(target);
            return copy;
        }
        catch
        {
            copy.Dispose();
            throw;
        }
    }

    /// <summary>Opens the copy and brings its schema up to date.</summary>
    /// <exception cref="SqliteFileException">That failed: it would fail for the original too.</exception>
    public void Open(string original, IReadOnlyList<SchemaScripts> schema)
    {
        try
        {
            _file = SqliteFile.Open(Path, schema);
        }
        catch (SqliteFileException e)
        {
            var message = e.Message.Replace(Path, "a copy of it", StringComparison.Ordinal);
            throw new SqliteFileException($"This build could not open {original}: {message}", e);
        }
    }

    public void Dispose()
    {
        _file?.Dispose();
        _directory.Delete(recursive: true);
    }

    private static long Length(string path) => new FileInfo(path) is { Exists: true } file ? file.Length : 0;
}
