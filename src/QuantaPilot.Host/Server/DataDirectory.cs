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

    public string Database => System.IO.Path.Combine(Path, "quantapilot.db");

    /// <summary>For checkouts; emptied at every start.</summary>
    public string Work => System.IO.Path.Combine(Path, "work");

    public string AdminToken => System.IO.Path.Combine(Path, "admin.token");

    /// <summary>Holds the URL while the server runs.</summary>
    public string ServerUrl => System.IO.Path.Combine(Path, "server.url");

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
