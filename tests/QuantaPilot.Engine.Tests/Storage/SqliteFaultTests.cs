using Microsoft.Data.Sqlite;
using QuantaPilot.Core.Ports;
using QuantaPilot.Engine.Storage;

namespace QuantaPilot.Engine.Tests.Storage;

public sealed class SqliteFaultTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("qp-faults-").FullName;
    private readonly SqliteFile _file;

    public SqliteFaultTests() => _file = SqliteFile.Open(Path.Combine(_directory, "faults.db"), []);

    [Fact]
    public async Task WriteAsync_FileIsFull_IsStorageThatIsUnavailableUntilThereIsRoom()
    {
        await _file.WriteAsync(session => session.Execute("CREATE TABLE t (v BLOB)"));
        await _file.WriteAsync(session => session.Scalar("PRAGMA max_page_count = 10"));

        var fault = await Assert.ThrowsAsync<StorageUnavailableException>(() => WriteAsync());
        Assert.Equal(
            (false, SQLitePCL.raw.SQLITE_FULL), (fault.IsRefusal, Assert.IsType<SqliteException>(fault.InnerException).SqliteErrorCode));

        await _file.WriteAsync(session => session.Scalar("PRAGMA max_page_count = 1000"));
        Assert.Equal(1, await WriteAsync());

        Task<int> WriteAsync() => _file.WriteAsync(session => session.Execute("INSERT INTO t VALUES (?1)", new byte[100_000]));
    }

    [Fact]
    public void Read_DiskCannotBeRead_IsStorageThatIsUnavailable()
    {
        var fault = Assert.Throws<StorageUnavailableException>(
            () => _file.Read<int>(_ => throw new SqliteException("disk I/O error", SQLitePCL.raw.SQLITE_IOERR)));
        Assert.IsType<SqliteException>(fault.InnerException);
    }

    [Fact]
    public async Task WriteAsync_StatementIsAtFault_StaysWhatItIs()
    {
        await _file.WriteAsync(session => session.Execute("CREATE TABLE t (v INTEGER PRIMARY KEY)"));
        await _file.WriteAsync(session => session.Execute("INSERT INTO t VALUES (1)"));
        await Assert.ThrowsAsync<SqliteException>(() => _file.WriteAsync(session => session.Execute("INSERT INTO t VALUES (1)")));
    }

    public void Dispose()
    {
        _file.Dispose();
        Directory.Delete(_directory, recursive: true);
    }
}
