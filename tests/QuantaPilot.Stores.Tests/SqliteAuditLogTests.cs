using Microsoft.Data.Sqlite;
using QuantaPilot.Core.Audit;
using QuantaPilot.Core.Ports;
using QuantaPilot.Engine.Storage;
using QuantaPilot.Host.Sqlite;

namespace QuantaPilot.Stores.Tests;

/// <summary>The suite on the standalone host's file, and what only that does.</summary>
#pragma warning disable CA1001 // xunit disposes of a test through IAsyncLifetime.
public sealed class SqliteAuditLogTests : AuditLogSuite
#pragma warning restore CA1001
{
    private readonly TempDirectory _directory = new();
    private SqliteFile? _file;

    protected override Task<(IAuditLog Log, IRunStore Runs)> OpenAsync()
    {
        _file?.Dispose();
        _file = SqliteFile.Open(_directory.Combine("audit.db"), RunsSchema.Scripts);
        return Task.FromResult<(IAuditLog, IRunStore)>((new SqliteAuditLog(_file), new SqliteRunStore(_file)));
    }

    public override Task DisposeAsync()
    {
        _file?.Dispose();
        _directory.Dispose();
        return Task.CompletedTask;
    }

    [Fact]
    public async Task Create_EntryCanNotBeWritten_LeavesNoRunEither()
    {
        var store = new SqliteRunStore(_file!);
        var (run, taken) = (Scenario.Run(), AuditScenario.Begun());
        await new SqliteAuditLog(_file!).AddAsync(taken, default);

        await Assert.ThrowsAsync<SqliteException>(() => store.CreateAsync(run, taken, default));

        Assert.Null(await store.GetAsync(run.RunId, default));
    }

    [Fact]
    public async Task Create_RunWithItsEntry_TakesOneTransaction()
    {
        var store = new SqliteRunStore(_file!);
        var run = Scenario.Run();
        var recorder = await _file!.WriteAsync(session => new StatementRecorder(session.Connection));

        await store.CreateAsync(run, AuditScenario.Begun(AuditAction.StartRun, runId: run.RunId), default);

        Assert.Single(recorder.Statements, statement => statement.Contains("INSERT INTO runs", StringComparison.Ordinal));
        Assert.Single(recorder.Statements, statement => statement.Contains("INSERT INTO audit", StringComparison.Ordinal));
        // The first COMMIT is that of the transaction in which the recorder was made.
        Assert.Equal(2, recorder.Statements.Count(statement => statement == "COMMIT"));
    }

    [Theory]
    [InlineData("DELETE FROM audit")]
    [InlineData("UPDATE audit SET actor = 'nobody'")]
    [InlineData("UPDATE audit SET document = x'00'")]
    [InlineData("UPDATE audit SET outcome = 'refused'")]
    public async Task Entry_ThatIsSettled_IsKeptByTheFileItself(string statement)
    {
        var log = new SqliteAuditLog(_file!);
        var entry = AuditScenario.Begun();
        await log.AddAsync(entry, default);
        await log.SettleAsync(entry, AuditOutcome.Accepted, default);

        await Assert.ThrowsAsync<SqliteException>(() => _file!.WriteAsync(session => session.Execute(statement)));

        var kept = Assert.Single((await log.ListAsync(new AuditQuery(), default)).Items);
        Assert.Equivalent(entry with { Outcome = AuditOutcome.Accepted }, kept, strict: true);
    }

    [Theory]
    [InlineData(false, false, false, "audit_at")]
    [InlineData(false, false, true, "audit_at")]
    [InlineData(true, false, false, "audit_actor")]
    [InlineData(true, false, true, "audit_actor")]
    [InlineData(false, true, true, "audit_run")]
    [InlineData(true, true, false, "audit_run")]
    public void List_AnyFilter_WalksTheBestIndexAndSortsNothing(bool actor, bool run, bool rest, string index)
    {
        var query = new AuditQuery(
            After: rest ? Scenario.Start : null,
            Before: rest ? Scenario.Start : null,
            Actor: actor ? "olga" : null,
            Action: rest ? AuditAction.StartRun : null,
            RunId: run ? Scenario.Run().RunId : null);
        var (sql, values) = AuditRows.List(query, rest ? (7, 9) : null);
        var plan = _file!.Read(session =>
        {
            var steps = new List<string>();
            using var reader = session.Query("EXPLAIN QUERY PLAN " + sql, values);
            while (reader.Read()) steps.Add(reader.GetString(3));
            return steps;
        });

        Assert.Contains($"INDEX {index}", Assert.Single(plan), StringComparison.Ordinal);
    }
}
