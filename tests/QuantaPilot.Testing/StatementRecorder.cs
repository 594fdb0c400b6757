using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace QuantaPilot.Testing;

/// <summary>
/// Listens to what a SQLite connection runs, from now on: the statements of the product itself, with their values, and not
/// copies of them. To be made and asked on the thread that has the connection.
/// </summary>
public sealed class StatementRecorder
{
    private readonly SqliteConnection _connection;
    private readonly List<string> _statements = [];
    private bool _isExplaining;

    public StatementRecorder(SqliteConnection connection)
    {
        _connection = connection;
        raw.sqlite3_trace(connection.Handle, (_, text) => Add(text), null);
        raw.sqlite3_progress_handler(connection.Handle, 1, _ => Count(), null);
    }

    /// <summary>What ran, in order.</summary>
    public IReadOnlyList<string> Statements => _statements;

    /// <summary>The instructions that SQLite's machine has taken for them.</summary>
    public int Steps { get; private set; }

    /// <summary>The plan of each statement that has a word in its text, a line per step. Leaves the transaction as it is.</summary>
    public IReadOnlyList<IReadOnlyList<string>> PlansOf(string word)
    {
        _isExplaining = true;
        var plans = _statements.Where(statement => statement.Contains(word, StringComparison.Ordinal)).Distinct().Select(Explain).ToList();
        _isExplaining = false;
        return plans;
    }

    private List<string> Explain(string statement)
    {
        using var command = _connection.CreateCommand();
#pragma warning disable CA2100 // A statement that ran before.
        command.CommandText = "EXPLAIN QUERY PLAN " + statement;
#pragma warning restore CA2100
        using var reader = command.ExecuteReader();
        var steps = new List<string>();
        while (reader.Read()) steps.Add(reader.GetString(3));
        return steps;
    }

    private void Add(string statement)
    {
        if (!_isExplaining) _statements.Add(statement);
    }

    private int Count()
    {
        if (!_isExplaining) Steps++;
        const int goOn = 0;
        return goOn;
    }
}
