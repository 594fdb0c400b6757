using System.Diagnostics;
using QuantaPilot.Engine.Storage;

namespace QuantaPilot.Engine.Tests.Storage;

public sealed class SqliteFileTests : IDisposable
{
    private static readonly SchemaScripts V1 = new(
        "things", typeof(SqliteFileTests).Assembly, "QuantaPilot.Engine.Tests.Storage.Scripts.V1.");
    private static readonly SchemaScripts V2 = V1 with { Prefix = "QuantaPilot.Engine.Tests.Storage.Scripts.V2." };

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("qp-sqlite-");

    private string FilePath => Path.Combine(_folder.FullName, "hub.db");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task Open_FileOfAnOlderSchema_UpgradesItAndKeepsWhatIsInIt()
    {
        using (var older = SqliteFile.Open(FilePath, V1))
        {
            await older.WriteAsync(session => session.Execute("INSERT INTO things VALUES (1, ?1)", "stone"));
        }
        using var file = SqliteFile.Open(FilePath, V2, EmbeddedEngine.Schema);

        Assert.Equal("grey", file.Read(session => session.Scalar("SELECT colour FROM things WHERE name = ?1", "stone")));
        Assert.Equal(2L, file.Read(session => session.Scalar("SELECT version FROM schema_version WHERE part = 'things'")));
        Assert.Equal(1L, file.Read(session => session.Scalar("SELECT version FROM schema_version WHERE part = 'engine'")));
    }

    [Fact]
    public void Open_FileOfANewerSchema_IsRefusedNamingBothVersions()
    {
        SqliteFile.Open(FilePath, V2).Dispose();

        var error = Assert.Throws<SqliteFileException>(() => SqliteFile.Open(FilePath, V1));
        Assert.Contains("schema version 2 of 'things'", error.Message, StringComparison.Ordinal);
        Assert.Contains("up to 1", error.Message, StringComparison.Ordinal);
        SqliteFile.Open(FilePath, V2).Dispose();
    }

    [Fact]
    public void Open_NotASqliteFile_IsRefusedAndLeftAsItIs()
    {
        var text = string.Concat(Enumerable.Repeat("This is a letter to the editor. ", 100));
        File.WriteAllText(FilePath, text);

        var error = Assert.Throws<SqliteFileException>(() => SqliteFile.Open(FilePath, V1));
        Assert.Contains(FilePath, error.Message, StringComparison.Ordinal);
        Assert.Contains("not a database", error.Message, StringComparison.Ordinal);
        Assert.Equal(text, File.ReadAllText(FilePath));
    }

    [Fact]
    public void Open_FolderThatDoesNotExist_SaysSo()
    {
        var error = Assert.Throws<SqliteFileException>(() => SqliteFile.Open(Path.Combine(_folder.FullName, "none", "hub.db"), V1));
        Assert.Contains("does not exist", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Open_ByASecondProcess_IsRefusedUntilTheFirstIsDone()
    {
        using (SqliteFile.Open(FilePath, EmbeddedEngine.Schema))
        {
            var (exit, output) = await OpenInAnotherProcessAsync();
            Assert.Equal((1, $"The file {FilePath} is in use by another process."), (exit, output));
        }
        Assert.Equal((0, "opened"), await OpenInAnotherProcessAsync());
    }

    [Fact]
    public async Task WriteAsync_OneOperationThrows_TheOthersAreNotHarmed()
    {
        using var file = SqliteFile.Open(FilePath, V1);
        var writes = Enumerable.Range(1, 100).Select(i => file.WriteAsync(session =>
        {
            session.Execute("INSERT INTO things VALUES (?1, ?2)", (long)i, $"thing {i}");
            return i % 10 == 0 ? throw new InvalidDataException($"{i}") : i;
        })).ToList();
        await Task.WhenAll(writes).ContinueWith(_ => { }, TaskScheduler.Default);

        Assert.Equal(10, writes.Count(write => write.Exception?.InnerException is InvalidDataException));
        Assert.Equal(90L, file.Read(session => session.Scalar("SELECT count(*) FROM things")));
        Assert.Equal(0L, file.Read(session => session.Scalar("SELECT count(*) FROM things WHERE id % 10 = 0")));
    }

    private async Task<(int Exit, string Output)> OpenInAnotherProcessAsync()
    {
        var start = new ProcessStartInfo(Environment.ProcessPath ?? "dotnet") { RedirectStandardOutput = true };
        start.ArgumentList.Add("exec");
        start.ArgumentList.Add(typeof(SqliteFileTests).Assembly.Location);
        start.ArgumentList.Add(FilePath);
        using var process = Process.Start(start)!;
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return (process.ExitCode, output.Trim());
    }
}
