using System.Text.Json;
using QuantaPilot.Cli.CommandLine;
using QuantaPilot.Engine;
using QuantaPilot.Engine.Storage;
using QuantaPilot.Host.Sqlite;
using QuantaPilot.Host.Tests.Histories;

namespace QuantaPilot.Cli.Tests;

public sealed class DoctorCommandTests : IDisposable
{
    private const string Difference = "expected activity 'write_code', found activity 'carry_out_task'.";

    private readonly CliRunner _cli = new();

    private string Database => Path.Combine(_cli.DataDirectory, "quantapilot.db");

    public void Dispose() => _cli.Dispose();

    [Fact]
    public async Task Doctor_AllRunsFit_Exits0AndWritesNothingToStdout()
    {
        await FillAsync(("waiting-at-anchor", 3));

        Assert.Equal(ExitCodes.Done, await _cli.RunAsync("doctor"));
        Assert.Equal("", _cli.Out.Output);
        Assert.Contains("3 unfinished (run 3): all would go on", _cli.Error.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Doctor_RunThatWouldBeStuck_Exits1AndNamesTheFirstDifference()
    {
        await FillAsync(("waiting-at-anchor", 1), ("nondeterministic", 1));

        Assert.Equal(ExitCodes.Failed, await _cli.RunAsync("doctor", "--data", "data"));
        Assert.Matches($"^run nondeterministic-0: would be stuck: At turn [0-9]+, event [0-9]+: {Difference}\n$", _cli.Out.Output);
        Assert.Contains("2 unfinished (run 2): 1 would be stuck", _cli.Error.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Doctor_Json_GivesEachDifferenceWithItsPlace()
    {
        await FillAsync(("waiting-at-anchor", 1), ("nondeterministic", 2));

        Assert.Equal(ExitCodes.Failed, await _cli.RunAsync("doctor", "--json"));
        using var json = JsonDocument.Parse(_cli.Out.Output);
        var root = json.RootElement;
        Assert.Equal((_cli.DataDirectory, 3), (root.GetProperty("data").GetString(), root.GetProperty("unfinished").GetInt32()));
        Assert.False(root.GetProperty("server_running").GetBoolean());
        var stuck = root.GetProperty("stuck").EnumerateArray().ToList();
        Assert.Equal(["nondeterministic-0", "nondeterministic-1"], stuck.Select(run => run.GetProperty("instance_id").GetString()));
        Assert.Equal("activity 'write_code'", stuck[0].GetProperty("expected").GetString());
        Assert.Equal("activity 'carry_out_task'", stuck[0].GetProperty("found").GetString());
        Assert.True(stuck[0].GetProperty("turn").GetInt32() > 0 && stuck[0].GetProperty("position").GetInt32() > 0);
    }

    [Fact]
    public async Task Doctor_RunThatIsStuckNow_IsSaidToGoOnOrToStay()
    {
        await FillAsync(("waiting-at-anchor", 1), ("nondeterministic", 1));
        using (var file = SqliteFile.Open(Database, EmbeddedEngine.Schema))
            await file.WriteAsync(session => session.Execute("UPDATE hub_instances SET status = 4"));

        Assert.Equal(ExitCodes.Failed, await _cli.RunAsync("doctor"));
        Assert.Contains("run nondeterministic-0: would stay stuck: At turn", _cli.Out.Output, StringComparison.Ordinal);
        Assert.Contains("1 that is stuck now would go on.", _cli.Error.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Doctor_BesideAnOwner_ReadsItsFile()
    {
        await FillAsync(("waiting-at-anchor", 1));
        using var owner = SqliteFile.Open(Database, EmbeddedEngine.Schema);

        Assert.Equal(ExitCodes.Done, await _cli.RunAsync("doctor"));
        Assert.Contains("beside its server", _cli.Error.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Doctor_NewerFile_Exits1AndSaysSo()
    {
        await FillAsync();
        using (var file = SqliteFile.Open(Database, EmbeddedEngine.Schema))
            await file.WriteAsync(session => session.Execute("UPDATE schema_version SET version = 99"));

        Assert.Equal(ExitCodes.Failed, await _cli.RunAsync("doctor"));
        Assert.Contains("Use a newer build.", _cli.Error.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Doctor_DamagedGrants_AreAWarning()
    {
        await FillAsync();
        await File.WriteAllTextAsync(Path.Combine(_cli.DataDirectory, "grants.json"), "[");

        Assert.Equal(ExitCodes.Done, await _cli.RunAsync("doctor", "--json"));
        using var json = JsonDocument.Parse(_cli.Out.Output);
        var warnings = json.RootElement.GetProperty("warnings").EnumerateArray().Select(warning => warning.GetString()!);
        Assert.Contains(warnings, warning => warning.Contains("grants.json is damaged", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("doctor --data nowhere", "There is no quantapilot.db in")]
    [InlineData("doctor", "There is no quantapilot.db in")]
    [InlineData("doctor 0123", "0123")]
    public async Task Doctor_WrongUse_Exits2AndNamesIt(string commandLine, string named)
    {
        Assert.Equal(ExitCodes.WrongUse, await _cli.RunAsync(commandLine.Split(' ')));
        Assert.Contains(named, _cli.Error.Output, StringComparison.Ordinal);
        Assert.Contains("See: qp doctor --help", _cli.Error.Output, StringComparison.Ordinal);
        Assert.False(Directory.Exists(Path.Combine(_cli.WorkingDirectory, "nowhere")));
    }

    private async Task FillAsync(params (string History, int Count)[] runs)
    {
        using var file = SqliteFile.Open(Database, EmbeddedEngine.Schema, RunsSchema.Scripts);
        foreach (var (history, count) in runs)
        {
            var json = await File.ReadAllTextAsync(Path.Combine(AppContext.BaseDirectory, "Histories", $"{history}.json"));
            await StoredHistories.AddAsync(file, json, [.. Enumerable.Range(0, count).Select(i => $"{history}-{i}")]);
        }
    }
}
