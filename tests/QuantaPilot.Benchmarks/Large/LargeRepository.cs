using System.Diagnostics;
using System.Text;
using QuantaPilot.Testing;

namespace QuantaPilot.Benchmarks.Large;

/// <summary>
/// A bare repository with 1 GiB of history and 100,000 files at its head, the same on every machine. It is made once, below the
/// machine's directory for temporary files.
/// </summary>
internal static class LargeRepository
{
    public const int Files = 100_000;
    private const int OldBlobs = 512;
    private const int OldBlobBytes = 2 * 1024 * 1024;
    private const int FilesInFolder = 50;
    private const int FoldersInFolder = 20;
    private const string Branch = "refs/heads/main";

    private static readonly string[] _kinds = ["cs", "ts", "cs", "json", "ts", "md", "cs", "txt", "py", "go"];

    /// <summary>The directory that holds it, for a server.</summary>
    public static string Root { get; } = Path.Combine(Path.GetTempPath(), "quantapilot-large-repository-1");

    /// <summary>Makes it, unless it is there.</summary>
    /// <returns>Its path.</returns>
    public static async Task<string> EnsureAsync()
    {
        var path = Path.Combine(Root, "large.git");
        if (Directory.Exists(path)) return path;
        var clock = Stopwatch.StartNew();
        var unfinished = path + ".new";
        if (Directory.Exists(unfinished)) Directory.Delete(unfinished, recursive: true);
        Directory.CreateDirectory(unfinished);
        GitCommand.Run(unfinished, "init", "--quiet", "--bare", "--initial-branch=main");
        GitCommand.Run(unfinished, "config", "http.receivepack", "true");
        // What is random can't be compressed: trying would take minutes.
        string[] asItIs = ["-c", "core.compression=0", "-c", "pack.compression=0"];
        await ImportAsync(unfinished, History(), [.. asItIs, "fast-import", "--quiet", "--depth=0"]);
        await ImportAsync(unfinished, Head(), "fast-import", "--quiet");
        Directory.Move(unfinished, path);
        var size = GitCommand.Run(path, "count-objects", "-vH").ReplaceLineEndings(", ");
        Figures.Print($"made {path} in {clock.Elapsed.TotalSeconds:F0} s: {size}");
        return path;
    }

    /// <summary>Adds a commit to a branch of a copy, or begins the branch at main, that changes files all over the tree.</summary>
    public static Task ChangeAsync(string path, string branch, int files, int offset)
    {
        var start = GitCommand.Run(path, "rev-parse", "refs/heads/main");
        IEnumerable<byte[]> Commit()
        {
            yield return Bytes(
                $"commit refs/heads/{branch}\ncommitter Ada <ada@example.com> 1700001000 +0000\ndata 6\nChange\nfrom {start}\n");
            for (var i = 0; i < files; i++)
            {
                // Every so many files from another one on: branches with other offsets change others.
                var text = $"Changed for {branch}, {i}.\n";
                yield return Bytes($"M 100644 inline {PathOf(i * (Files / files) + offset)}\ndata {text.Length}\n{text}");
            }
        }
        return ImportAsync(path, Commit(), "fast-import", "--quiet");
    }

    private static async Task ImportAsync(string directory, IEnumerable<byte[]> parts, params string[] arguments)
    {
        using var process = Process.Start(GitCommand.StartInfo(directory, arguments))!;
        var errors = process.StandardError.ReadToEndAsync();
        foreach (var part in parts) await process.StandardInput.BaseStream.WriteAsync(part);
        process.StandardInput.Close();
        await process.WaitForExitAsync();
        if (process.ExitCode != 0) throw new InvalidOperationException(await errors);
    }

    /// <summary>Commits that each replace a file of 2 MiB.</summary>
    private static IEnumerable<byte[]> History()
    {
        var random = new Random(1);
        for (var i = 0; i < OldBlobs; i++)
        {
            var blob = new byte[OldBlobBytes];
            random.NextBytes(blob);
            yield return Bytes(Commit(i, isFirst: i == 0) + $"M 100644 inline data/{i % 8}.bin\ndata {blob.Length}\n");
            yield return blob;
            yield return Bytes("\n");
        }
    }

    /// <summary>A commit that takes these away and adds the files: 100 folders with 20 folders with 50 files each.</summary>
    private static IEnumerable<byte[]> Head()
    {
        var random = new Random(2);
        yield return Bytes(Commit(OldBlobs, isFirst: false) + "deleteall\nM 100644 inline README.md\ndata 8\n# Large\n\n");
        var text = new StringBuilder();
        for (var i = 1; i < Files; i++)
        {
            text.Clear();
            for (var length = random.Next(200, 4_000); text.Length < length;)
                text.Append("word").Append(random.Next(5_000)).Append(random.Next(8) == 0 ? '\n' : ' ');
            text.Append('\n');
            yield return Bytes($"M 100644 inline {PathOf(i)}\ndata {text.Length}\n{text}");
        }
    }

    private static string PathOf(int i)
    {
        var folder = i / FilesInFolder;
        var file = $"part{folder / FoldersInFolder:d3}/module{folder % FoldersInFolder:d2}/file{i % FilesInFolder:d2}";
        return $"{file}.{_kinds[i % _kinds.Length]}";
    }

    private static string Commit(int number, bool isFirst) =>
        $"commit {Branch}\ncommitter Ada <ada@example.com> {1_700_000_000 + number} +0000\ndata 6\nCommit\n"
        + (isFirst || number < OldBlobs ? "" : $"from {Branch}^0\n");

    private static byte[] Bytes(string text) => Encoding.ASCII.GetBytes(text);
}
