using QuantaPilot.Core.Ports;
using Xunit;

namespace QuantaPilot.Integrations.Tests.Git;

public sealed class FileRemoteTests : IDisposable
{
    private readonly GitFixture _git = new();

    public void Dispose() => _git.Dispose();

    [Fact]
    public async Task Forge_WholePath_LandsOnTheTarget()
    {
        var initial = _git.Push("main", ("README.md", "hello\n"));
        Assert.Equal(initial, await _git.Forge.ResolveAsync(_git.Url, "main", default));

        string head;
        await using (var checkout = await _git.Forge.CheckoutAsync(_git.Url, "main", null, GitFixture.WorkBranch, default))
        {
            Assert.Equal("hello\n", File.ReadAllText(Path.Combine(checkout.Directory, "README.md")));
            Assert.Equal((initial, initial, false), (checkout.HeadSha, checkout.BaseSha, checkout.ContinuesWorkBranch));
            Directory.CreateDirectory(Path.Combine(checkout.Directory, "docs"));
            File.WriteAllText(Path.Combine(checkout.Directory, "docs", "ANCHOR.md"), "# Anchor\n");
            var pushed = await checkout.CommitAndPushAsync("documentation", "Write the documentation", default);
            Assert.Equal(["docs/ANCHOR.md"], pushed.ChangedPaths);
            head = pushed.HeadSha;
        }
        Assert.Equal(head, _git.RemoteHead(GitFixture.WorkBranch));

        var request = new PullRequestRequest(_git.Url, GitFixture.WorkBranch, "main", "Documentation", "What it is");
        var pull = await _git.Forge.OpenPullRequestAsync(request, default);
        Assert.Equal(new PullRequest(1, null, head), pull);

        var merged = await _git.Forge.MergeAsync(_git.Url, 1, head, MergeMethod.Squash, default);
        Assert.Equal(new MergeOutcome(true, head, _git.RemoteHead("main")), merged);
        Assert.Equal("# Anchor", _git.RemoteFile("main", "docs/ANCHOR.md"));
        Assert.Equal("Documentation (#1)\nChange README.md", _git.RemoteLog("main"));
        GitCommand.Run(_git.Bare, "fsck", "--strict");
        Assert.Empty(_git.TempEntries);
    }
}
