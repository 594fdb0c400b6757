using Microsoft.Data.Sqlite;
using QuantaPilot.Core.Ports;
using SQLitePCL;

namespace QuantaPilot.Engine.Storage;

/// <summary>
/// Gives a disk that is away, full or busy the type that storage has everywhere; faults of statements stay what they are.
/// </summary>
internal static class SqliteFaults
{
    public static Exception Translate(Exception e) => e is SqliteException fault && IsAway(fault) ? Away(fault) : e;

    public static bool IsAway(SqliteException e) => e.SqliteErrorCode is raw.SQLITE_BUSY or raw.SQLITE_LOCKED or raw.SQLITE_NOMEM
        or raw.SQLITE_READONLY or raw.SQLITE_IOERR or raw.SQLITE_FULL or raw.SQLITE_CANTOPEN or raw.SQLITE_PROTOCOL;

    public static StorageUnavailableException Away(SqliteException e) =>
        new(isRefusal: false, $"SQLite can't use its file at present: result code {e.SqliteExtendedErrorCode}.", e);
}
