namespace QuantaPilot.Host.Server;

/// <summary>What lies where under the data directory.</summary>
internal sealed class DataDirectory
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>Makes it if it is missing, for its owner only.</summary>
    public DataDirectory(string path)
    {
        Path = System.IO.Path.GetFullPath(path);
        if (OperatingSystem.IsWindows()) Directory.CreateDirectory(Path);
        else Directory.CreateDirectory(Path, OwnerOnly | UnixFileMode.UserExecute);
    }

    public string Path { get; }

    public string Database => DatabaseIn(Path);

    /// <summary>For checkouts; emptied at every start.</summary>
    public string Work => System.IO.Path.Combine(Path, "work");

    public string AdminToken => AdminTokenIn(Path);

    /// <summary>Holds the URL while the server runs.</summary>
    public string ServerUrl => System.IO.Path.Combine(Path, "server.url");

    /// <summary>Where the database of a directory lies, which need not be there.</summary>
    public static string DatabaseIn(string directory) => System.IO.Path.Combine(directory, "quantapilot.db");

    /// <summary>Where the token of its owner lies, which need not be there.</summary>
    public static string AdminTokenIn(string directory) => System.IO.Path.Combine(directory, "admin.token");

    /// <summary>
    /// Makes the database its owner's only, to be called before it is opened: it holds the secrets of webhooks. Files that
    /// SQLite lays beside it take on its mode.
    /// </summary>
    public void RestrictDatabase()
    {
        if (OperatingSystem.IsWindows()) return;
        if (!File.Exists(Database))
        {
            var options = new FileStreamOptions { Mode = FileMode.OpenOrCreate, Access = FileAccess.Write, UnixCreateMode = OwnerOnly };
            using var made = new FileStream(Database, options);
        }
        foreach (var path in new[] { Database, Database + "-wal", Database + "-shm" })
        {
            if (File.Exists(path) && File.GetUnixFileMode(path) != OwnerOnly) File.SetUnixFileMode(path, OwnerOnly);
        }
    }

    /// <summary>Writes a file that only the owner can read, all or nothing.</summary>
    public static void Write(string path, string text)
    {
        var temporary = path + ".new";
        File.Delete(temporary);
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = OwnerOnly;
        using (var stream = new FileStream(temporary, options))
        {
            stream.Write(System.Text.Encoding.UTF8.GetBytes(text));
            stream.Flush(flushToDisk: true);
        }
        File.Move(temporary, path, overwrite: true);
    }
}
