using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace QuantaPilot.Engine.Storage;

/// <summary>
/// A statement prepared once and run by position, without what an ADO.NET command does at each call (look-up of the
/// parameters by name, a reader): writes spend several times less on this than on a command.
/// </summary>
internal sealed class PreparedStatement : IDisposable
{
    private readonly sqlite3 _connection;
    private readonly sqlite3_stmt _statement;

    public PreparedStatement(sqlite3 connection, string sql)
    {
        _connection = connection;
        Check(raw.sqlite3_prepare_v3(connection, sql, raw.SQLITE_PREPARE_PERSISTENT, out _statement));
    }

    /// <returns>The number of rows changed; meaningful for statements that change rows only.</returns>
    public int Execute(ReadOnlySpan<object?> values)
    {
        Bind(values);
        try
        {
            while (Step())
            {
                // Rows of a RETURNING clause that nobody wants.
            }
            return raw.sqlite3_changes(_connection);
        }
        finally
        {
            Reset();
        }
    }

    /// <returns>The first column of the first row, or null.</returns>
    public object? Scalar(ReadOnlySpan<object?> values)
    {
        Bind(values);
        try
        {
            if (!Step()) return null;
            var value = Column();
            while (Step())
            {
                // To the end, so that a statement with a RETURNING clause is complete.
            }
            return value;
        }
        finally
        {
            Reset();
        }
    }

    public void Dispose() => _statement.Dispose();

    private void Bind(ReadOnlySpan<object?> values)
    {
        for (var i = 0; i < values.Length; i++)
        {
            Check(values[i] switch
            {
                null => raw.sqlite3_bind_null(_statement, i + 1),
                long value => raw.sqlite3_bind_int64(_statement, i + 1, value),
                int value => raw.sqlite3_bind_int64(_statement, i + 1, value),
                bool value => raw.sqlite3_bind_int64(_statement, i + 1, value ? 1 : 0),
                double value => raw.sqlite3_bind_double(_statement, i + 1, value),
                string value => raw.sqlite3_bind_text(_statement, i + 1, value),
                byte[] value => raw.sqlite3_bind_blob(_statement, i + 1, value),
                { } other =>
                    throw new ArgumentException($"A {other.GetType()} cannot be stored: pass a long, int, bool, double, string or byte[]."),
            });
        }
    }

    private bool Step()
    {
        var result = raw.sqlite3_step(_statement);
        if (result == raw.SQLITE_ROW) return true;
        if (result != raw.SQLITE_DONE) Check(result);
        return false;
    }

    private object? Column() => raw.sqlite3_column_type(_statement, 0) switch
    {
        raw.SQLITE_INTEGER => raw.sqlite3_column_int64(_statement, 0),
        raw.SQLITE_FLOAT => raw.sqlite3_column_double(_statement, 0),
        raw.SQLITE_TEXT => raw.sqlite3_column_text(_statement, 0).utf8_to_string(),
        raw.SQLITE_BLOB => raw.sqlite3_column_blob(_statement, 0).ToArray(),
        _ => null,
    };

    private void Reset()
    {
        // Its result is that of the step before, which was looked at.
        _ = raw.sqlite3_reset(_statement);
        raw.sqlite3_clear_bindings(_statement);
    }

    private void Check(int result) => SqliteException.ThrowExceptionForRC(result, _connection);
}
