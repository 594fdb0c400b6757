using QuantaPilot.Core.Runs;

namespace QuantaPilot.Core.Tests.Runs;

public sealed class RepositoryUrlTests
{
    [Theory]
    [InlineData("https://github.com/org/project", "https://github.com/org/project", "https://github.com/org/project")]
    [InlineData("HTTPS://GitHub.com:443/Org/Project.git/", "https://github.com/Org/Project.git", "https://github.com/Org/Project")]
    [InlineData("http://localhost:8080/a.git", "http://localhost:8080/a.git", "http://localhost:8080/a")]
    [InlineData("http://localhost:0080/a", "http://localhost/a", "http://localhost/a")]
    [InlineData("https://[::1]:8443/a", "https://[::1]:8443/a", "https://[::1]:8443/a")]
    [InlineData("file:///srv/git/a.git", "file:///srv/git/a.git", "file:///srv/git/a")]
    [InlineData("file://localhost/srv/a", "file:///srv/a", "file:///srv/a")]
    [InlineData("file:///srv/a/.git", "file:///srv/a/.git", "file:///srv/a/.git")]
    [InlineData("file:///srv/my repo/ü", "file:///srv/my%20repo/%C3%BC", "file:///srv/my%20repo/%C3%BC")]
    [InlineData("https://h/%61%2D%c3%bc", "https://h/a-%C3%BC", "https://h/a-%C3%BC")]
    [InlineData("https://h/a@b", "https://h/a@b", "https://h/a@b")]
    public void TryParse_Accepted_IsCanonical(string text, string value, string project)
    {
        Assert.True(RepositoryUrl.TryParse(text, out var url, out var error), error);
        Assert.Equal(value, url.Value);
        Assert.Equal(project, url.Project);
        Assert.True(RepositoryUrl.TryParse(value, out var again, out _));
        Assert.Equal(url, again);
    }

    [Theory]
    [InlineData(null, "empty")]
    [InlineData("", "empty")]
    [InlineData("ssh://git@github.com/a/b", "scheme")]
    [InlineData("git://github.com/a/b", "scheme")]
    [InlineData("git@github.com:a/b.git", "scheme")]
    [InlineData("ext::sh -c id", "scheme")]
    [InlineData("/srv/git/a", "scheme")]
    [InlineData("--upload-pack=id", "scheme")]
    [InlineData(" https://h/a", "scheme")]
    [InlineData("https://user@h/a", "credentials")]
    [InlineData("https://user:secret@h/a", "credentials")]
    [InlineData("https://h/a?b=c", "query")]
    [InlineData("https://h/a#b", "fragment")]
    [InlineData("https://h/a/../b", "relative")]
    [InlineData("https://h/a/./b", "relative")]
    [InlineData("file:///a/%2e%2E/b", "relative")]
    [InlineData("file:///a/..", "relative")]
    [InlineData("file:///a%2f..%2fb", "slash")]
    [InlineData("file:///a%00b", "control")]
    [InlineData("https://h/a\nb", "control")]
    [InlineData("https://h/a\ud800", "control")]
    [InlineData("https://h\\a/b", "backslash")]
    [InlineData("https://h/%5c", "backslash")]
    [InlineData("https://h/%zz", "hexadecimal")]
    [InlineData("https://h/%4", "hexadecimal")]
    [InlineData("https://h//a", "empty path segment")]
    [InlineData("file:////server/share", "empty path segment")]
    [InlineData("file://server/share", "names no host")]
    [InlineData("https://h", "no path")]
    [InlineData("https://h/", "no path")]
    [InlineData("https:///a", "host")]
    [InlineData("https://h.:443/a", "host")]
    [InlineData("https://-h/a", "host")]
    [InlineData("https://hö/a", "host")]
    [InlineData("https://h:0/a", "port")]
    [InlineData("https://h:65536/a", "port")]
    [InlineData("https://h:4x/a", "port")]
    public void TryParse_Refused_NamesTheFault(string? text, string fault)
    {
        Assert.False(RepositoryUrl.TryParse(text, out var url, out var error));
        Assert.Null(url);
        Assert.Contains(fault, error, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", error, StringComparison.Ordinal);
    }

    [Fact]
    public void TryParse_LongText_IsRefusedFromOneOverTheLimit()
    {
        var longest = "https://h/".PadRight(RepositoryUrl.MaxLength, 'a');
        Assert.True(RepositoryUrl.TryParse(longest, out _, out _));
        Assert.False(RepositoryUrl.TryParse(longest + "a", out _, out var error));
        Assert.Contains("2048", error, StringComparison.Ordinal);
    }
}
