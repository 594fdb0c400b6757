using Microsoft.Data.Sqlite;
using QuantaPilot.Engine.Storage;

namespace QuantaPilot.Engine.Tests.Storage;

/// <summary>A look at a file that stays as it is, byte for byte, with everything beside it.</summary>
public sealed class SqliteViewTests : IDisposable
{
    private static readonly SchemaScripts V1 =
        new("things", typeof(SqliteViewTests).Assembly, "QuantaPilot.Engine.Tests.Storage.Scripts.V1.");

    private static readonly SchemaScripts V2 = V1 with { Prefix = "QuantaPilot.Engine.Tests.Storage.Scripts.V2." };

    private readonly TempDirectory _folder = new();

    // Names that a URI would read otherwise.
    private string FilePath => _folder.Combine("hub #1?.db");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Open_FileThatNoProcessHas_IsReadWhereItIs()
    {
        await WriteAsync(V1);
        var before = DirectoryContents.Read(_folder.Path);
        using (var view = SqliteView.Open(FilePath, V1))
        {
            Assert.Equal((false, false), (view.IsInUse, view.IsCopy));
            Assert.Equal("stone", NameOf(view));
            Assert.Equal(before, DirectoryContents.Read(_folder.Path));
        }
        Assert.Equal(before, DirectoryContents.Read(_folder.Path));
    }

    [Fact]
    public async Task Open_WhileItIsLookedAt_NoProcessCanTakeIt()
    {
        await WriteAsync(V1);
        using (SqliteView.Open(FilePath, V1)) Assert.Throws<SqliteFileException>(() => SqliteFile.Open(FilePath, V1));

        SqliteFile.Open(FilePath, V1).Dispose();
    }

    [Fact]
    public async Task Open_FileThatAProcessHas_IsReadBesideIt()
    {
        using var file = SqliteFile.Open(FilePath, V1);
        await AddAsync(file, "stone");
        using var view = SqliteView.Open(FilePath, V1);
        Assert.Equal((true, false), (view.IsInUse, view.IsCopy));
        Assert.Equal("stone", NameOf(view));

        await file.WriteAsync(session => session.Execute("UPDATE things SET name = 'sand'"));
        Assert.Equal("sand", NameOf(view));
    }

    [Fact]
    public async Task Open_FileOfAKilledProcess_IsReadWithWhatItsLogHolds()
    {
        var killed = _folder.Combine("killed");
        Directory.CreateDirectory(killed);
        using (var file = SqliteFile.Open(FilePath, V1))
        {
            await AddAsync(file, "stone");
            foreach (var path in Directory.GetFiles(_folder.Path).Where(path => !path.EndsWith(".lock", StringComparison.Ordinal)))
                File.Copy(path, Path.Combine(killed, Path.GetFileName(path)));
        }
        var left = Path.Combine(killed, Path.GetFileName(FilePath));
        Assert.True(new FileInfo(left + "-wal").Length > 0);
        var before = DirectoryContents.Read(killed);
        using (var view = SqliteView.Open(left, V1))
        {
            Assert.Equal((false, true), (view.IsInUse, view.IsCopy));
            Assert.Equal("stone", NameOf(view));
        }
        Assert.Equal(before, DirectoryContents.Read(killed));
    }

    [Fact]
    public async Task Open_FileOfAnOlderSchema_IsUpgradedInACopy()
    {
        await WriteAsync(V1);
        var before = DirectoryContents.Read(_folder.Path);
        using (var view = SqliteView.Open(FilePath, V2, EmbeddedEngine.Schema))
        {
            Assert.True(view.IsCopy);
            Assert.Equal("grey", view.Read(session => session.Scalar("SELECT colour FROM things")));
        }
        Assert.Equal(before, DirectoryContents.Read(_folder.Path));
    }

    [Fact]
    public async Task Open_FileOfAnOlderSchemaThatAProcessHas_IsUpgradedInACopy()
    {
        using var file = SqliteFile.Open(FilePath, V1);
        await AddAsync(file, "stone");
        using var view = SqliteView.Open(FilePath, V2);

        Assert.Equal((true, true), (view.IsInUse, view.IsCopy));
        Assert.Equal("grey", view.Read(session => session.Scalar("SELECT colour FROM things")));
        Assert.Equal(1L, file.Read(session => session.Scalar("SELECT version FROM schema_version")));
    }

    [Fact]
    public async Task Open_FileOfANewerSchema_IsRefusedNamingFileAndVersions()
    {
        await WriteAsync(V2);
        var before = DirectoryContents.Read(_folder.Path);

        var error = Assert.Throws<SqliteFileException>(() => SqliteView.Open(FilePath, V1));
        Assert.Equal(
            $"The file {FilePath} has schema version 2 of 'things'; this build knows versions up to 1. Use a newer build.", error.Message);
        Assert.Equal(before, DirectoryContents.Read(_folder.Path));
    }

    [Fact]
    public void Open_EmptyFile_IsAFileOfNoVersionYet()
    {
        File.WriteAllText(FilePath, "");
        using var view = SqliteView.Open(FilePath, V1);

        Assert.Equal(0L, view.Read(session => session.Scalar("SELECT count(*) FROM things")));
        Assert.Equal(0, new FileInfo(FilePath).Length);
    }

    [Fact]
    public void Open_NoFile_SaysSo() =>
        Assert.Equal($"There is no file {FilePath}.", Assert.Throws<SqliteFileException>(() => SqliteView.Open(FilePath, V1)).Message);

    [Fact]
    public void Open_NotASqliteFile_SaysSo()
    {
        File.WriteAllText(FilePath, string.Concat(Enumerable.Repeat("This is a letter to the editor. ", 100)));

        var error = Assert.Throws<SqliteFileException>(() => SqliteView.Open(FilePath, V1));
        Assert.Contains("not a database", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Open_FileOfAnotherProgram_SaysSo()
    {
        var source = new SqliteConnectionStringBuilder { DataSource = FilePath, Pooling = false };
        using (var connection = new SqliteConnection(source.ToString()))
        {
            connection.Open();
            using var command = connection.CreateCommand();
            command.CommandText = "CREATE TABLE songs (name TEXT)";
            command.ExecuteNonQuery();
        }

        var error = Assert.Throws<SqliteFileException>(() => SqliteView.Open(FilePath, V1));
        Assert.Contains("of another program", error.Message, StringComparison.Ordinal);
    }

    private static object? NameOf(SqliteView view) => view.Read(session => session.Scalar("SELECT name FROM things"));

    private static Task<int> AddAsync(SqliteFile file, string name) =>
        file.WriteAsync(session => session.Execute("INSERT INTO things (id, name) VALUES (1, ?1)", name));

    private async Task WriteAsync(SchemaScripts schema)
    {
        using var file = SqliteFile.Open(FilePath, schema);
        await AddAsync(file, "stone");
    }
}
