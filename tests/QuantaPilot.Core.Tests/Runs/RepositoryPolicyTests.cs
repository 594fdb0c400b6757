using QuantaPilot.Core.Runs;

namespace QuantaPilot.Core.Tests.Runs;

public sealed class RepositoryPolicyTests
{
    [Theory]
    [InlineData("https://*", "https://github.com/a/b", true)]
    [InlineData("https://*", "http://github.com/a/b", false)]
    [InlineData("https://*", "file:///a", false)]
    [InlineData("*", "file:///a", true)]
    [InlineData("file:///srv/git/*", "file:///srv/git/team/a.git", true)]
    [InlineData("file:///srv/git/*", "file:///srv/gitx/a", false)]
    [InlineData("file:///srv/my repos/*", "file:///srv/my%20repos/a", true)]
    [InlineData("https://GitHub.com/Org/*", "https://github.com/Org/a", true)]
    [InlineData("https://github.com/Org/*", "https://github.com/org/a", false)]
    [InlineData("https://github.com/org/a", "https://github.com/org/a.git", true)]
    [InlineData("https://github.com/org/a", "https://github.com/org/ab", false)]
    [InlineData("https://github.com/*/a*c", "https://github.com/x/y/abcabc", true)]
    [InlineData("https://github.com/*/a*d", "https://github.com/x/y/abcabc", false)]
    [InlineData("https://github.com/o.g/a", "https://github.com/org/a", false)]
    [InlineData("https://*.example.com/*", "https://git.example.com/a", true)]
    public void Allows_Glob_CoversTheWholeUrl(string glob, string text, bool allowed)
    {
        Assert.True(RepositoryUrl.TryParse(text, out var url, out var error), error);
        Assert.Equal(allowed, new RepositoryPolicy([glob]).Allows(url));
    }

    [Fact]
    public void Allows_NoGlobs_AllowsNothing()
    {
        Assert.True(RepositoryUrl.TryParse("https://h/a", out var url, out _));
        Assert.False(new RepositoryPolicy([]).Allows(url));
    }

    [Theory]
    [InlineData("*", "https://h/*", true)]
    [InlineData("https://h/*", "https://h/*", true)]
    [InlineData("https://h/*", "https://H/a/*/c", true)]
    [InlineData("https://h/*/c", "https://h/a*/c", true)]
    [InlineData("https://h/a", "https://h/a", true)]
    [InlineData("https://h/*", "https://h*", false)]
    [InlineData("https://h/*/c", "https://h/a/*", false)]
    [InlineData("https://h/a", "https://h/*", false)]
    [InlineData("https://*", "*", false)]
    public void Covers_Glob_IsTrueIfNothingOfItLiesOutside(string outer, string inner, bool covered) =>
        Assert.Equal(covered, new RepositoryPolicy([outer]).Covers(inner));

    [Fact]
    public void Covers_EveryPairOfGlobs_IsTrueOnlyIfAllThatTheInnerAllowsIsAllowed()
    {
        var globs = Words("ab*", 4).Select(word => "https://h/" + word).ToList();
        var projects = Words("ab", 5).Select(word => "https://h/" + word).ToList();
        foreach (var outer in globs)
        {
            var policy = new RepositoryPolicy([outer]);
            foreach (var inner in globs.Where(policy.Covers))
            {
                var allowed = new RepositoryPolicy([inner]);
                Assert.DoesNotContain(projects, project => allowed.AllowsProject(project) && !policy.AllowsProject(project));
            }
        }
    }

    [Theory]
    [InlineData("github.com/*")]
    [InlineData("")]
    [InlineData("ssh://*")]
    public void Constructor_GlobThatNeverMatches_IsRefusedByName(string glob)
    {
        var fault = Assert.Throws<FormatException>(() => new RepositoryPolicy([glob]));
        Assert.Contains($"'{glob}'", fault.Message, StringComparison.Ordinal);
    }

    private static IEnumerable<string> Words(string letters, int maxLength) => maxLength == 0
        ? [""]
        : Words(letters, maxLength - 1).SelectMany(word => letters.Select(letter => word + letter).Append(word)).Distinct();
}
