using Microsoft.Data.Sqlite;

namespace QuantaPilot.Engine.Storage;

/// <summary>One connection with its prepared statements. Used by one thread at a time.</summary>
public sealed class SqliteSession : IDisposable
{
    private readonly Dictionary<string, PreparedStatement> _statements = [];
    private readonly Dictionary<string, SqliteCommand> _queries = [];

    internal SqliteSession(SqliteConnection connection) => Connection = connection;

    public SqliteConnection Connection { get; }

    /// <summary>Runs a statement that returns no rows.</summary>
    /// <param name="sql">A constant text, one statement, with positional parameters ?1, ?2, …: it is prepared once and kept.</param>
    /// <param name="values">Values of the parameters (long, int, bool, double, string or byte[]); null stands for NULL.</param>
    /// <returns>The number of rows changed.</returns>
    public int Execute(string sql, params ReadOnlySpan<object?> values) => Prepare(sql).Execute(values);

    /// <summary>Runs a query. Dispose the reader before the same text is run again.</summary>
    /// <param name="sql">As for <see cref="Execute"/>.</param>
    /// <param name="values">As for <see cref="Execute"/>.</param>
    public SqliteDataReader Query(string sql, params ReadOnlySpan<object?> values)
    {
        if (!_queries.TryGetValue(sql, out var command))
        {
            command = Connection.CreateCommand();
#pragma warning disable CA2100 // Only constant texts are passed; values go in as parameters.
            command.CommandText = sql;
#pragma warning restore CA2100
            for (var i = 0; i < values.Length; i++) command.Parameters.Add(new SqliteParameter($"?{i + 1}", null));
            command.Prepare();
            _queries.Add(sql, command);
        }
        for (var i = 0; i < values.Length; i++) command.Parameters[i].Value = values[i] ?? DBNull.Value;
        return command.ExecuteReader();
    }

    /// <summary>The first column of the first row, or null if there is no row or it is NULL.</summary>
    /// <param name="sql">As for <see cref="Execute"/>.</param>
    /// <param name="values">As for <see cref="Execute"/>.</param>
    public object? Scalar(string sql, params ReadOnlySpan<object?> values) => Prepare(sql).Scalar(values);

    /// <summary>Runs a script of several statements, each of which may need what the one before it made.</summary>
    internal void ExecuteScript(string sql)
    {
        using var command = Connection.CreateCommand();
#pragma warning disable CA2100 // Schema scripts are embedded in the assembly.
        command.CommandText = sql;
#pragma warning restore CA2100
        command.ExecuteNonQuery();
    }

    public void Dispose()
    {
        foreach (var statement in _statements.Values) statement.Dispose();
        foreach (var query in _queries.Values) query.Dispose();
        Connection.Dispose();
    }

    private PreparedStatement Prepare(string sql)
    {
        if (!_statements.TryGetValue(sql, out var statement))
        {
            statement = new PreparedStatement(Connection.Handle!, sql);
            _statements.Add(sql, statement);
        }
        return statement;
    }
}
