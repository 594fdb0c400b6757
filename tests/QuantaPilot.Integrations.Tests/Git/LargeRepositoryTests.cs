using System.Globalization;
using System.Text;
using QuantaPilot.Core.Pipeline;
using QuantaPilot.Core.Ports;
using QuantaPilot.Core.Runs;
using QuantaPilot.Integrations.Git;
using QuantaPilot.Integrations.Outline;

namespace QuantaPilot.Integrations.Tests.Git;

/// <summary>Repositories of ten thousand files. Memory is of the process, so nothing runs beside these.</summary>
[Collection(nameof(LargeRepositoryTests))]
[CollectionDefinition(nameof(LargeRepositoryTests), DisableParallelization = true)]
#pragma warning disable CA1001 // xunit disposes through IAsyncLifetime.
public sealed class LargeRepositoryTests : IAsyncLifetime
#pragma warning restore CA1001
{
    private const int Files = 10_000;
    private readonly GitFixture _git = new();
    private GitHttpServer _server = null!;

    public async Task InitializeAsync() => _server = await GitHttpServer.StartAsync(Path.GetDirectoryName(_git.Bare)!);

    public async Task DisposeAsync()
    {
        await _server.DisposeAsync();
        _git.Dispose();
    }

    [Theory]
    [InlineData("file")]
    [InlineData("http")]
    public async Task CheckoutAsync_OfManyFiles_IsWhatTheCommitHolds(string scheme)
    {
        Import(bytes: 500);
        using var forge = Forge(NoProgress.Instance);

        await using var checkout = await forge.CheckoutAsync(UrlOf(scheme), "main", null, null, default);

        Assert.Equal(Files, Directory.EnumerateFiles(Path.Combine(checkout.Directory, "src"), "*", SearchOption.AllDirectories).Count());
        // Fails unless the index has of each file what its directory says: diff-files reads none to see.
        GitCommand.Run(checkout.Directory, "diff-files", "--quiet");
        Assert.Empty(GitCommand.Run(checkout.Directory, "status", "--porcelain"));
        Assert.Equal(_git.RemoteHead("main^{tree}"), GitCommand.Run(checkout.Directory, "write-tree"));
    }

    [Fact]
    public async Task CommitAndPushAsync_OneFileOfMany_ChangesThatFile()
    {
        Import(bytes: 500);
        using var forge = Forge(NoProgress.Instance);
        await using var checkout = await forge.CheckoutAsync(UrlOf("http"), "main", null, GitFixture.WorkBranch, default);
        File.AppendAllText(Path.Combine(checkout.Directory, "src/d007/f0042.cs"), "changed\n");

        var pushed = await checkout.CommitAndPushAsync("documentation", "Change one", default);

        Assert.Equal(["src/d007/f0042.cs"], pushed.ChangedPaths);
        Assert.Equal(pushed.HeadSha, _git.RemoteHead(GitFixture.WorkBranch));
    }

    [Theory]
    [InlineData("http", ProgressKind.ReceivingObjects)]
    [InlineData("http", ProgressKind.CheckingOutFiles)]
    [InlineData("file", ProgressKind.CheckingOutFiles)]
    public async Task CheckoutAsync_CancelledHalfway_EndsAtOnceAndLeavesNothing(string scheme, ProgressKind phase)
    {
        Import(bytes: 500);
        using var cancel = new CancellationTokenSource();
        var progress = new Halfway(phase, cancel.Cancel);
        using (var forge = Forge(progress))
        {
            var checkout = forge.CheckoutAsync(UrlOf(scheme), "main", null, null, cancel.Token);
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => checkout);
        }

        // What each writer had in hand, and what the transfer had in its buffer.
        Assert.InRange(progress.After, 0, Files / 10);
        Assert.Empty(_git.TempEntries);
    }

    [Fact]
    public async Task Read_ManyFiles_KeepsNothingOfTheirText()
    {
        // 100 MB of text.
        Import(bytes: 10_000);
        using var forge = Forge(NoProgress.Instance);
        await using var checkout = await forge.CheckoutAsync(UrlOf("file"), "main", null, GitFixture.WorkBranch, default);
        long before = 0, after = 0;
        var progress = new Watch((kind, done) =>
        {
            if (kind == ProgressKind.ReadingFiles && done == 100) before = GC.GetTotalMemory(forceFullCollection: true);
            if (kind == ProgressKind.ReadingFiles && done == Files - 100) after = GC.GetTotalMemory(forceFullCollection: true);
        });

        await new OutlineAgent(progress).RunAsync(Task, checkout, default);

        Assert.InRange(after, 1, long.MaxValue);
        Assert.InRange(after - before, long.MinValue, 16 * 1024 * 1024);
    }

    [Fact]
    public async Task Read_CancelledHalfway_EndsBeforeTheNextFile()
    {
        Import(bytes: 500);
        using var forge = Forge(NoProgress.Instance);
        await using var checkout = await forge.CheckoutAsync(UrlOf("file"), "main", null, GitFixture.WorkBranch, default);
        using var cancel = new CancellationTokenSource();
        var progress = new Halfway(ProgressKind.ReadingFiles, cancel.Cancel);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => new OutlineAgent(progress).RunAsync(Task, checkout, cancel.Token));

        Assert.Equal(0, progress.After);
    }

    [Fact]
    public async Task CheckoutAsync_WithAttributes_FiltersAsGitDoes()
    {
        _git.Push("main", ("README.md", "x"));
        _git.Push(
            "lines",
            (".gitattributes", "*.txt text eol=crlf\n*.id ident\n"),
            ("sub/.gitattributes", "*.txt -text\n"),
            ("a.txt", "one\ntwo\n"),
            ("sub/b.txt", "one\ntwo\n"),
            ("c.id", "$Id$\n"));
        using var forge = Forge(NoProgress.Instance);

        await using var checkout = await forge.CheckoutAsync(UrlOf("file"), "lines", null, null, default);

        Assert.Equal("one\r\ntwo\r\n", File.ReadAllText(Path.Combine(checkout.Directory, "a.txt")));
        Assert.Equal("one\ntwo\n", File.ReadAllText(Path.Combine(checkout.Directory, "sub/b.txt")));
        Assert.StartsWith("$Id: ", File.ReadAllText(Path.Combine(checkout.Directory, "c.id")), StringComparison.Ordinal);
        Assert.Empty(GitCommand.Run(checkout.Directory, "status", "--porcelain"));
    }

    [Fact]
    public async Task CheckoutAsync_LinksProgramsAndSubmodules_AreWrittenAsGitDoes()
    {
        var commit = _git.Push("main", ("README.md", "x"));
        _git.PushTree(
            "kinds",
            ("100755", "blob", _git.Blob("#!/bin/sh\n"), "a.sh"u8.ToArray()),
            ("120000", "blob", _git.Blob("a.sh"), "b"u8.ToArray()),
            ("160000", "commit", commit, "c"u8.ToArray()),
            ("100664", "blob", _git.Blob("old\n"), "d"u8.ToArray()));
        using var forge = Forge(NoProgress.Instance);

        await using var checkout = await forge.CheckoutAsync(UrlOf("file"), "kinds", null, null, default);

        if (!OperatingSystem.IsWindows())
            Assert.True(File.GetUnixFileMode(Path.Combine(checkout.Directory, "a.sh")).HasFlag(UnixFileMode.UserExecute));
        Assert.Equal("a.sh", new FileInfo(Path.Combine(checkout.Directory, "b")).LinkTarget);
        Assert.Empty(Directory.EnumerateFileSystemEntries(Path.Combine(checkout.Directory, "c")));
        GitCommand.Run(checkout.Directory, "diff-files", "--quiet");
    }

    [Fact]
    public async Task CheckoutAsync_TwoEntriesOfOneName_IsUnsafe()
    {
        _git.PushTree("main", ("100644", "blob", _git.Blob("x"), "a"u8.ToArray()), ("120000", "blob", _git.Blob("b"), "a"u8.ToArray()));
        using var forge = Forge(NoProgress.Instance);

        var fault = await Assert.ThrowsAsync<StepException>(() => forge.CheckoutAsync(UrlOf("file"), "main", null, null, default));

        Assert.Equal(ErrorCodes.RepositoryUnsafe, fault.Code);
        Assert.Contains("'a'", fault.Message, StringComparison.Ordinal);
    }

    private static AgentTask Task =>
        new(RunId.Parse(new string('2', 32)), "https://example.com/a/b", "main", "documentation", "", "docs", AgentDefinition.Outline);

    private string UrlOf(string scheme) => scheme == "file" ? _git.Url : $"{_server.Url}/project.git";

    private GitForge Forge(IStepProgress progress) => new(
        new GitForgeOptions { AllowedRepositories = ["file://*", "http://127.0.0.1:*"], TempRoot = _git.TempRoot },
        _git.PullRequests,
        TimeProvider.System,
        CheckedLogger.For<GitForge>(),
        progress: progress);

    /// <summary>Sets main to a commit of many files of so many bytes.</summary>
    private void Import(int bytes)
    {
        var script = new StringBuilder("commit refs/heads/main\ncommitter Ada <ada@example.com> 1800000000 +0000\n");
        script.Append("data 3\nAll\ndeleteall\n");
        for (var i = 0; i < Files; i++)
        {
            var line = string.Create(CultureInfo.InvariantCulture, $"public class Of{i} {{ }} // {i * 7919L}\n");
            var text = string.Concat(Enumerable.Repeat(line, (bytes / line.Length) + 1));
            script.Append(CultureInfo.InvariantCulture, $"M 100644 inline src/d{i / 100:d3}/f{i:d4}.cs\ndata {text.Length}\n{text}\n");
        }
        GitCommand.Run(_git.Bare, Encoding.ASCII.GetBytes(script.ToString()), ["fast-import", "--quiet", "--force"]);
    }

    /// <summary>Does something in the middle of a phase, and counts what is reported after it.</summary>
    private sealed class Halfway(ProgressKind phase, Action act) : IStepProgress
    {
        private int _state;
        private int _after;

        public int After => _after;

        public void Report(ProgressKind doing, long done, long? total)
        {
            if (Volatile.Read(ref _state) == 2) Interlocked.Increment(ref _after);
            if (doing != phase || done < total / 2 || Interlocked.CompareExchange(ref _state, 1, 0) != 0) return;
            act();
            Volatile.Write(ref _state, 2);
        }
    }

    private sealed class Watch(Action<ProgressKind, long> watch) : IStepProgress
    {
        public void Report(ProgressKind doing, long done, long? total) => watch(doing, done);
    }
}
