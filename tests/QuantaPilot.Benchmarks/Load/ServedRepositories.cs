using QuantaPilot.Testing;

namespace QuantaPilot.Benchmarks.Load;

/// <summary>One small repository for each run, served over HTTP on loopback by git itself.</summary>
internal sealed class ServedRepositories : IAsyncDisposable
{
    private readonly TempDirectory _directory;
    private readonly GitHttpServer _server;

    private ServedRepositories(TempDirectory directory, GitHttpServer server)
    {
        _directory = directory;
        _server = server;
    }

    public static async Task<ServedRepositories> StartAsync(int count)
    {
        var directory = new TempDirectory();
        var template = new GitRepository(directory, "template");
        template.Commit("main", ("README.md", "# Sample\n\nGreets and leaves.\n"), ("src/greet.sh", "echo hello\n"));
        // Copies, for git would take longer to make them than the runs take.
        Directory.Delete(Path.Combine(template.Bare, "hooks"), recursive: true);
        for (var i = 0; i < count; i++) Copy(template.Bare, directory.Combine(Name(i)));
        return new ServedRepositories(directory, await GitHttpServer.StartAsync(directory.Path));
    }

    public string Url(int index) => $"{_server.Url}/{Name(index)}";

    /// <summary>What is wrong with a repository after its run, or null.</summary>
    /// <param name="index">Which.</param>
    /// <param name="merged">The commit that the run says it merged as.</param>
    public string? FindFault(int index, string merged)
    {
        var bare = _directory.Combine(Name(index));
        var log = GitCommand.Run(bare, "log", "--format=%H", "main").Split('\n');
        if (log.Length != 2 || log[0] != merged) return $"left {log.Length} commits on main, {log[0]} at its head, and says {merged}";
        var files = GitCommand.Run(bare, "ls-tree", "-r", "--name-only", "main").Split('\n');
        return files.Contains("docs/ANCHOR.md") && files.Contains("src/greet.sh") ? null : $"left {string.Join(", ", files)} on main";
    }

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _directory.Dispose();
    }

    private static string Name(int index) => $"load-{index}.git";

    private static void Copy(string from, string to)
    {
        Directory.CreateDirectory(to);
        foreach (var directory in Directory.EnumerateDirectories(from, "*", SearchOption.AllDirectories))
            Directory.CreateDirectory(Path.Combine(to, Path.GetRelativePath(from, directory)));
        foreach (var file in Directory.EnumerateFiles(from, "*", SearchOption.AllDirectories))
            File.Copy(file, Path.Combine(to, Path.GetRelativePath(from, file)));
    }
}
