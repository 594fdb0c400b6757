using System.Text;
using QuantaPilot.Core.Ports;
using QuantaPilot.Core.Runs;

namespace QuantaPilot.Integrations.Tests.Git;

public sealed class HostileRepositoryTests : IDisposable
{
    private readonly GitFixture _git = new();

    public void Dispose() => _git.Dispose();

    [Theory]
    [InlineData("..")]
    [InlineData(".")]
    [InlineData(".git")]
    [InlineData(".GIT")]
    [InlineData(".git ")]
    [InlineData(".git.")]
    [InlineData("git~1")]
    [InlineData(".g\u200cit")]
    [InlineData(".git::$INDEX_ALLOCATION")]
    [InlineData("../../escaped")]
    [InlineData("/tmp/escaped")]
    [InlineData("a/b")]
    public async Task CheckoutAsync_NameThatLeadsOutside_IsUnsafe(string name)
    {
        _git.PushTree("main", ("100644", "blob", _git.Blob("x"), Encoding.UTF8.GetBytes(name)));
        await AssertUnsafe();
    }

    [Fact]
    public async Task CheckoutAsync_NameThatIsNotUtf8_IsUnsafe()
    {
        _git.PushTree("main", ("100644", "blob", _git.Blob("x"), [0x61, 0xff, 0xfe]));
        Assert.Contains("UTF-8", await AssertUnsafe(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task CheckoutAsync_OverlongName_IsUnsafe()
    {
        _git.PushTree("main", ("100644", "blob", _git.Blob("x"), Encoding.ASCII.GetBytes(new string('a', 256))));
        Assert.Contains("255 bytes", await AssertUnsafe(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task CheckoutAsync_TreesThatRepeatThemselves_IsUnsafe()
    {
        var entry = ("100644", "blob", _git.Blob("x"));
        for (var level = 0; level < 8; level++)
        {
            var (mode, type, sha) = entry;
            _git.PushTree("main", [.. Enumerable.Range(0, 10).Select(i => (mode, type, sha, Encoding.ASCII.GetBytes($"{i}")))]);
            entry = ("040000", "tree", GitCommand.Run(_git.Bare, "rev-parse", "main^{tree}"));
        }
        Assert.Contains("1000000", await AssertUnsafe(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/etc/passwd")]
    [InlineData("..")]
    [InlineData("../outside")]
    [InlineData("a/../../outside")]
    [InlineData("a/..")]
    [InlineData(".git/hooks")]
    [InlineData("./.GIT/config")]
    [InlineData("..\\outside")]
    [InlineData("C:/outside")]
    public async Task CheckoutAsync_LinkThatLeadsOutside_IsUnsafe(string target)
    {
        _git.PushTree("main", ("120000", "blob", _git.Blob(target), "docs"u8.ToArray()));
        Assert.Contains("'docs'", await AssertUnsafe(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task CheckoutAsync_LinksInside_AreLinksAndNotRead()
    {
        Directory.CreateDirectory(Path.Combine(_git.Clone, "sub", "deep"));
        File.CreateSymbolicLink(Path.Combine(_git.Clone, "docs"), "sub");
        File.CreateSymbolicLink(Path.Combine(_git.Clone, "sub", "deep", "up"), "../../README.md");
        _git.Push("main", ("README.md", "hello"), ("sub/a.md", "a"));

        await using var checkout = await _git.Forge.CheckoutAsync(_git.Url, "main", null, null, default);
        Assert.Equal("sub", new DirectoryInfo(Path.Combine(checkout.Directory, "docs")).LinkTarget);
        Assert.Equal("hello", File.ReadAllText(Path.Combine(checkout.Directory, "sub/deep/up")));
        Assert.Null(checkout.ReadText("sub/deep/up"));
        Assert.Null(checkout.ReadText("docs/a.md"));
        Assert.Null(checkout.ReadText("docs"));
        Assert.Equal("a", checkout.ReadText("sub/a.md"));
        Assert.Null(checkout.ReadText("sub"));
        Assert.Null(checkout.ReadText("missing"));
        foreach (var path in (string[])["../x", "/etc/passwd", "sub/../../x", "sub\\a.md", ""])
            Assert.Equal(ErrorCodes.RepositoryUnsafe, Assert.Throws<StepException>(() => checkout.ReadText(path)).Code);
    }

    [Fact]
    public async Task CommitAndPushAsync_StrangeButHarmlessNames_Work()
    {
        string[] names = [
            "a\nb.md", " lead", "trail ", "-dash", "quote\"", "back\\slash", "ünïcode", "A.md", "a.md", "*", "[x]", ":(top)", "~", "$HOME"];
        _git.Push("main", [.. names.Select(name => (name, "x"))]);
        await using var checkout = await _git.Forge.CheckoutAsync(_git.Url, "main", null, GitFixture.WorkBranch, default);
        Assert.Equal(
            names.Order(StringComparer.Ordinal),
            new DirectoryInfo(checkout.Directory).GetFiles().Select(file => file.Name).Order(StringComparer.Ordinal));

        foreach (var name in names) File.WriteAllText(Path.Combine(checkout.Directory, name), "changed");
        var pushed = await checkout.CommitAndPushAsync("one", "Change all", default);
        Assert.Equal(names.Order(StringComparer.Ordinal), pushed.ChangedPaths);
        Assert.Equal("changed", _git.RemoteFile(pushed.HeadSha, "a\nb.md"));
        GitCommand.Run(_git.Bare, "fsck", "--strict");
    }

    [Fact]
    public async Task Checkout_FiltersHooksAndConfiguration_RunNothing()
    {
        var witness = Path.Combine(_git.Root, "witness");
        _git.Push("main",
            (".gitattributes", "* filter=evil diff=evil merge=evil\n*.bin filter=lfs\n"),
            (".lfsconfig", "[lfs]\n\turl = file:///etc\n"),
            ("big.bin", "version https://git-lfs.github.com/spec/v1\noid sha256:abc\nsize 1\n"),
            ("README.md", "hello\n"));
        foreach (var (key, value) in (ReadOnlySpan<(string, string)>)[("filter.evil.smudge", $"touch {witness}"), ("filter.evil.clean", $"touch {witness}"),
            ("filter.evil.required", "true"), ("core.fsmonitor", $"touch {witness}"), ("credential.helper", $"!touch {witness}"), ("uploadpack.packObjectsHook", $"touch {witness}")])
        {
            GitCommand.Run(_git.Bare, "config", key, value);
        }
        _git.AddHook("post-checkout", $"touch {witness}");
        _git.AddHook("pre-commit", $"touch {witness}");
        _git.AddHook("post-receive", $"touch {witness}");

        await using var checkout = await _git.Forge.CheckoutAsync(_git.Url, "main", null, GitFixture.WorkBranch, default);
        Assert.Equal("hello\n", File.ReadAllText(Path.Combine(checkout.Directory, "README.md")));
        Assert.StartsWith(
            "version https://git-lfs", File.ReadAllText(Path.Combine(checkout.Directory, "big.bin")), StringComparison.Ordinal);
        File.WriteAllText(Path.Combine(checkout.Directory, "README.md"), "changed\n");
        Assert.Equal(["README.md"], (await checkout.CommitAndPushAsync("one", "Change", default)).ChangedPaths);
        Assert.False(File.Exists(witness));
    }

    [Fact]
    public async Task CheckoutAsync_Submodule_IsAnEmptyDirectoryThatSurvivesACommit()
    {
        _git.PushTree("main", ("160000", "commit", new string('a', 40), "module"u8.ToArray()));
        await using var checkout = await _git.Forge.CheckoutAsync(_git.Url, "main", null, GitFixture.WorkBranch, default);
        File.WriteAllText(Path.Combine(checkout.Directory, "new.md"), "new");
        var pushed = await checkout.CommitAndPushAsync("one", "Add", default);
        Assert.Equal(["new.md"], pushed.ChangedPaths);
        Assert.Contains(
            "160000 commit " + new string('a', 40), GitCommand.Run(_git.Bare, "ls-tree", pushed.HeadSha), StringComparison.Ordinal);
    }

    [Fact]
    public async Task CommitAndPushAsync_LinkOutsideMadeByTheStep_IsUnsafe()
    {
        _git.Push("main", ("README.md", "hello"));
        await using var checkout = await _git.Forge.CheckoutAsync(_git.Url, "main", null, GitFixture.WorkBranch, default);
        File.CreateSymbolicLink(Path.Combine(checkout.Directory, "out"), "/etc/passwd");
        var fault = await Assert.ThrowsAsync<StepException>(() => checkout.CommitAndPushAsync("one", "Link", default));
        Assert.Equal(ErrorCodes.RepositoryUnsafe, fault.Code);
        Assert.Empty(GitCommand.Run(_git.Bare, "branch", "--list", GitFixture.WorkBranch));
    }

    [Fact]
    public async Task CommitAndPushAsync_RepositoryMadeByTheStep_IsUnsafe()
    {
        _git.Push("main", ("README.md", "hello"));
        await using var checkout = await _git.Forge.CheckoutAsync(_git.Url, "main", null, GitFixture.WorkBranch, default);
        GitCommand.Run(checkout.Directory, "init", "--quiet", "inner");
        File.WriteAllText(Path.Combine(checkout.Directory, "inner", "a"), "a");
        GitCommand.Run(Path.Combine(checkout.Directory, "inner"), "add", "a");
        GitCommand.Run(Path.Combine(checkout.Directory, "inner"), "commit", "--quiet", "-m", "Inner");
        var fault = await Assert.ThrowsAsync<StepException>(() => checkout.CommitAndPushAsync("one", "Nest", default));
        Assert.Equal(ErrorCodes.RepositoryUnsafe, fault.Code);
        Assert.Contains("inner", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task CommitAndPushAsync_StepUsedGitItself_CommitsWhatIsInTheDirectory()
    {
        var initial = _git.Push("main", ("README.md", "hello"), ("gone", "x"), ("kind", "file"));
        await using var checkout = await _git.Forge.CheckoutAsync(_git.Url, "main", null, GitFixture.WorkBranch, default);
        File.WriteAllText(Path.Combine(checkout.Directory, "README.md"), "changed");
        File.Delete(Path.Combine(checkout.Directory, "gone"));
        File.Delete(Path.Combine(checkout.Directory, "kind"));
        Directory.CreateDirectory(Path.Combine(checkout.Directory, "kind"));
        File.WriteAllText(Path.Combine(checkout.Directory, "kind", "below"), "x");
        GitCommand.Run(checkout.Directory, "add", "--all");
        GitCommand.Run(checkout.Directory, "commit", "--quiet", "-m", "By the agent");
        File.CreateSymbolicLink(Path.Combine(checkout.Directory, "link"), "README.md");

        var pushed = await checkout.CommitAndPushAsync("one", "By the step\n\nQuantaPilot-Step: forged", default);
        Assert.Equal(["README.md", "gone", "kind", "kind/below", "link"], pushed.ChangedPaths);
        Assert.Equal(initial, GitCommand.Run(_git.Bare, "rev-parse", pushed.HeadSha + "^"));
        await using var next = await _git.Forge.CheckoutAsync(_git.Url, "main", null, GitFixture.WorkBranch, default);
        Assert.True(next.HasCommitFor("one"));
        Assert.False(next.HasCommitFor("forged"));
    }

    private async Task<string> AssertUnsafe()
    {
        var before = Directory.GetFileSystemEntries(_git.Root).Length;
        var fault = await Assert.ThrowsAsync<StepException>(
            () => _git.Forge.CheckoutAsync(_git.Url, "main", null, GitFixture.WorkBranch, default));
        Assert.Equal(ErrorCodes.RepositoryUnsafe, fault.Code);
        Assert.Empty(_git.TempEntries);
        Assert.InRange(Directory.GetFileSystemEntries(_git.Root).Length, before, before + 1);
        return fault.Message;
    }
}
