using QuantaPilot.Core.Ports;
using QuantaPilot.Core.Runs;

namespace QuantaPilot.Integrations.Tests.GitHub;

public sealed class PullRequestCloseTests : IAsyncLifetime
{
    private const string Comment = "**Superseded by #2**: done anew.";
    private GitHubFixture _hub = null!;

    public async Task InitializeAsync()
    {
        _hub = await GitHubFixture.StartAsync();
        await _hub.PushAsync("a.md", "a");
        await _hub.OpenAsync();
    }

    public async Task DisposeAsync() => await _hub.DisposeAsync();

    [Fact]
    public async Task ClosePullRequestAsync_Twice_IsClosedAndSaidOnce()
    {
        await _hub.Forge.ClosePullRequestAsync(_hub.Url, 1, Comment, default);
        await _hub.Forge.ClosePullRequestAsync(_hub.Url, 1, Comment, default);

        var pull = _hub.Repository.PullRequest(1);
        Assert.False(pull.IsOpen);
        Assert.EndsWith(Comment, Assert.Single(pull.Comments).Body, StringComparison.Ordinal);
        Assert.Contains(GitHubFixture.Branch, _hub.Repository.Git.Lines("for-each-ref", "--format=%(refname:short)"));
    }

    [Fact]
    public async Task ClosePullRequestAsync_AnswersLostInBetween_GoesOnFromWhatItFinds()
    {
        _hub.GitHub.LoseAnswer = context => context.Request.Method == "POST";
        var lost = await Assert.ThrowsAsync<StepException>(() => _hub.Forge.ClosePullRequestAsync(_hub.Url, 1, Comment, default));
        Assert.Equal((ErrorCodes.RepositoryUnreachable, true), (lost.Code, lost.IsTransient));
        _hub.GitHub.LoseAnswer = _ => false;

        await _hub.Forge.ClosePullRequestAsync(_hub.Url, 1, Comment, default);

        Assert.False(_hub.Repository.PullRequest(1).IsOpen);
        Assert.Single(_hub.Repository.PullRequest(1).Comments);
    }

    [Fact]
    public async Task ClosePullRequestAsync_ClosedByAPerson_SaysNothing()
    {
        _hub.Repository.PullRequest(1).IsOpen = false;

        await _hub.Forge.ClosePullRequestAsync(_hub.Url, 1, Comment, default);

        Assert.Empty(_hub.Repository.PullRequest(1).Comments);
    }
}
