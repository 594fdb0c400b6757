using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using QuantaPilot.Engine;
using QuantaPilot.Engine.Storage;
using QuantaPilot.Host.Checkup;
using QuantaPilot.Host.Server;
using QuantaPilot.Host.Sqlite;
using QuantaPilot.Host.Tests.Histories;

namespace QuantaPilot.Host.Tests;

/// <summary>Real data directories, looked at before and while a server has them.</summary>
public sealed class DataCheckupTests : IDisposable
{
    private readonly TempDirectory _directory = new();

    private string Data => _directory.Combine("data");

    private string Database => Path.Combine(Data, "quantapilot.db");

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task ReplayUnfinished_RunsOfARealServer_FitWhileItRunsAndAfterwards()
    {
        await using (var server = await StartAsync())
        {
            var runId = await WaitAtAnchorAsync(server);

            using var beside = DataCheckup.Open(Data);
            Assert.True(beside.IsInUse);
            Assert.Equal(new InstanceReplay(runId, "run", false, null, null), Assert.Single(beside.ReplayUnfinished()));
        }
        var before = DirectoryContents.Read(Data);
        using (var checkup = DataCheckup.Open(Data))
        {
            Assert.False(checkup.IsInUse);
            Assert.True(Assert.Single(checkup.ReplayUnfinished()).Fits);
            Assert.Empty(checkup.FindWarnings());
        }
        Assert.Equal(before, DirectoryContents.Read(Data));
    }

    [Fact]
    public async Task ReplayUnfinished_RunOfAKilledServer_IsFoundInItsLog()
    {
        var left = _directory.Combine("left");
        Directory.CreateDirectory(left);
        await using (var server = await StartAsync())
        {
            await WaitAtAnchorAsync(server);
            foreach (var name in new[] { "quantapilot.db", "quantapilot.db-wal", "quantapilot.db-shm" })
                File.Copy(Path.Combine(Data, name), Path.Combine(left, name));
        }
        var before = DirectoryContents.Read(left);
        using (var checkup = DataCheckup.Open(left))
        {
            Assert.True(checkup.IsCopy);
            Assert.True(Assert.Single(checkup.ReplayUnfinished()).Fits);
        }
        Assert.Equal(before, DirectoryContents.Read(left));
    }

    [Fact]
    public async Task ReplayUnfinished_NondeterministicHistory_NamesTheFirstDifferenceAndChangesNothing()
    {
        var good = RunScenarios.All.Keys.Select(Read).ToList();
        var nondeterministic = Read("nondeterministic");
        await FillAsync([.. good, nondeterministic.Replace("\"instanceId\": \"", "\"instanceId\": \"broken-", StringComparison.Ordinal)]);
        var before = DirectoryContents.Read(Data);
        using (var checkup = DataCheckup.Open(Data))
        {
            var replays = checkup.ReplayUnfinished().ToList();

            Assert.Equal(good.Count + 1, replays.Count);
            var broken = Assert.Single(replays, replay => !replay.Fits);
            Assert.StartsWith("broken-", broken.InstanceId, StringComparison.Ordinal);
            Assert.Equal(("activity 'write_code'", "activity 'carry_out_task'"), (broken.Mismatch?.Expected, broken.Mismatch?.Found));
            var turns = JsonNode.Parse(nondeterministic)!["turns"]!;
            Assert.Equal("write_code", (string?)turns[broken.Mismatch!.Turn]![broken.Mismatch.Position]!["name"]);
        }
        Assert.Equal(before, DirectoryContents.Read(Data));
    }

    [Fact]
    public async Task Open_FileOfAnOlderVersion_IsUpgradedInACopyOnly()
    {
        // The engine's tables are there, and none of the others yet.
        Directory.CreateDirectory(Data);
        using (var file = SqliteFile.Open(Database, EmbeddedEngine.Schema))
            await StoredHistories.AddAsync(file, Read(RunScenarios.WaitingAtAnchor));
        var before = DirectoryContents.Read(Data);
        using (var checkup = DataCheckup.Open(Data))
        {
            Assert.True(checkup.IsCopy);
            Assert.True(Assert.Single(checkup.ReplayUnfinished()).Fits);
        }
        Assert.Equal(before, DirectoryContents.Read(Data));
    }

    [Fact]
    public async Task Open_FileOfANewerVersion_IsRefused()
    {
        await FillAsync();
        using (var file = SqliteFile.Open(Database, EmbeddedEngine.Schema))
            await file.WriteAsync(session => session.Execute("UPDATE schema_version SET version = 99 WHERE part = 'runs'"));

        var error = Assert.Throws<SqliteFileException>(() => DataCheckup.Open(Data));
        Assert.Contains($"{Database} has schema version 99 of 'runs'", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Open_DirectoryThatNoServerHasHad_IsRefusedAndNotMade()
    {
        Assert.Throws<DirectoryNotFoundException>(() => DataCheckup.Open(Data));
        Assert.False(Directory.Exists(Data));
    }

    [Fact]
    public async Task FindWarnings_FilesThatOthersCanRead_AreNamed()
    {
        if (OperatingSystem.IsWindows()) return;
        await FillAsync();
        File.SetUnixFileMode(Data, (UnixFileMode)Convert.ToInt32("755", 8));
        File.SetUnixFileMode(Database, (UnixFileMode)Convert.ToInt32("640", 8));
        using var checkup = DataCheckup.Open(Data);

        Assert.Equal(
            [
                $"{Data} is open to others (mode 755), and secrets are in it: chmod 700 it.",
                $"{Database} is open to others (mode 640), and secrets are in it: chmod 600 it.",
            ],
            checkup.FindWarnings());
    }

    private static string Read(string name) => File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Histories", $"{name}.json"));

    private Task<QuantaPilotServer> StartAsync() => QuantaPilotServer.StartAsync(
        new ServerOptions
        {
            DataDirectory = Data,
            Url = "http://127.0.0.1:0",
            AllowedRepositories = ["file://*"],
            ConfigureServices = services => services.AddLogging(logging => logging.ClearProviders()),
        },
        default);

    private async Task<string> WaitAtAnchorAsync(QuantaPilotServer server)
    {
        var repository = new GitRepository(_directory, "repository");
        repository.Commit("main", ("README.md", "# Sample\n"));
        using var client = new QpClient(new Uri(server.Url), server.AdminToken);
        var runId = await client.StartRunAsync(repository.Url);
        await client.WaitForEventAsync(runId, "gate_requested");
        return runId;
    }

    private async Task FillAsync(params string[] histories)
    {
        Directory.CreateDirectory(Data);
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(Data, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
        using var file = SqliteFile.Open(Database, EmbeddedEngine.Schema, RunsSchema.Scripts);
        foreach (var history in histories) await StoredHistories.AddAsync(file, history);
    }
}
