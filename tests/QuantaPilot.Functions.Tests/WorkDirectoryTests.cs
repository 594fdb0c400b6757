using QuantaPilot.Testing;

namespace QuantaPilot.Functions.Tests;

public sealed class WorkDirectoryTests : IDisposable
{
    private readonly TempDirectory _root = new();

    public void Dispose() => _root.Dispose();

    [Fact]
    public void Take_SeveralAtOnce_AreDifferent()
    {
        using var first = WorkDirectory.Take(_root.Path);
        using var second = WorkDirectory.Take(_root.Path);
        Assert.NotEqual(first.Path, second.Path);
    }

    [Fact]
    public void Take_OneWasGivenUp_TakesItOver()
    {
        string given;
        using (var first = WorkDirectory.Take(_root.Path)) given = first.Path;
        using var next = WorkDirectory.Take(_root.Path);
        Assert.Equal(given, next.Path);
    }

    [Fact]
    public void Take_RootIsMissing_IsMade()
    {
        using var directory = WorkDirectory.Take(Path.Combine(_root.Path, "a", "b"));
        Assert.StartsWith(_root.Path, directory.Path, StringComparison.Ordinal);
    }
}
