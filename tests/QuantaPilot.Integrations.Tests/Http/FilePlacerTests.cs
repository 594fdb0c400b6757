using QuantaPilot.Core.Contracts;
using QuantaPilot.Core.Ports;
using QuantaPilot.Core.Runs;
using QuantaPilot.Integrations.Http;

namespace QuantaPilot.Integrations.Tests.Http;

/// <summary>Files of an answer come to lie in the checkout and nowhere else.</summary>
public sealed class FilePlacerTests : IDisposable
{
    private readonly DirectoryInfo _root = Directory.CreateTempSubdirectory("qp-placer-tests-");
    private readonly string _checkout;
    private readonly string _outside;

    public FilePlacerTests()
    {
        _checkout = Directory.CreateDirectory(Path.Combine(_root.FullName, "checkout")).FullName;
        _outside = Directory.CreateDirectory(Path.Combine(_root.FullName, "outside")).FullName;
        File.WriteAllText(Path.Combine(_outside, "secret.txt"), "stays");
    }

    public void Dispose() => _root.Delete(recursive: true);

    [Fact]
    public async Task Place_TextsBytesAndDeletions_AreDoneAndMayBeRepeated()
    {
        File.WriteAllText(At("old.txt"), "old");
        for (var i = 0; i < 2; i++)
        {
            await PlaceAsync(new AgentFile("a/b/new.txt", "grün\n"));
            await PlaceAsync(new AgentFile("logo.bin", ContentBase64: "AAEC/w=="));
            await PlaceAsync(new AgentFile("old.txt", Deleted: true));
            await PlaceAsync(new AgentFile("never/there.txt", Deleted: true));
        }

        Assert.Equal("grün\n", File.ReadAllText(At("a/b/new.txt")));
        Assert.Equal([0, 1, 2, 255], File.ReadAllBytes(At("logo.bin")));
        Assert.False(File.Exists(At("old.txt")));
        Assert.False(Directory.Exists(At("never")));
    }

    [Fact]
    public async Task Place_OverAProgram_KeepsItsMode()
    {
        if (OperatingSystem.IsWindows()) return;
        const UnixFileMode Mode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
        File.WriteAllText(At("run.sh"), "old");
        File.SetUnixFileMode(At("run.sh"), Mode);

        await PlaceAsync(new AgentFile("run.sh", "new"));

        Assert.Equal(("new", Mode), (File.ReadAllText(At("run.sh")), File.GetUnixFileMode(At("run.sh"))));
    }

    [Fact]
    public async Task Place_OverALink_ReplacesItAndLeavesWhatItLedToAlone()
    {
        File.CreateSymbolicLink(At("link.txt"), Path.Combine(_outside, "secret.txt"));
        File.CreateSymbolicLink(At("gone.txt"), Path.Combine(_outside, "secret.txt"));

        await PlaceAsync(new AgentFile("link.txt", "new"));
        await PlaceAsync(new AgentFile("gone.txt", Deleted: true));

        Assert.Equal("new", File.ReadAllText(At("link.txt")));
        Assert.False(File.Exists(At("gone.txt")));
        Assert.Equal("stays", File.ReadAllText(Path.Combine(_outside, "secret.txt")));
    }

    [Theory]
    [InlineData("linked/secret.txt", "leads through a link")]
    [InlineData("file.txt/below.txt", "has a file, file.txt, where a folder would have to be")]
    [InlineData("folder", "is a folder")]
    [InlineData("../outside/secret.txt", "must be relative")]
    [InlineData(".git/config", "must not lead into git's own directory")]
    public async Task Place_WhereItMayNot_ThrowsAndChangesNothing(string path, string why)
    {
        Directory.CreateSymbolicLink(At("linked"), _outside);
        File.WriteAllText(At("file.txt"), "a file");
        Directory.CreateDirectory(At("folder"));

        var error = await Assert.ThrowsAsync<StepException>(() => PlaceAsync(new AgentFile(path, "bad")));

        Assert.Equal((ErrorCodes.AgentFailed, false), (error.Code, error.IsTransient));
        Assert.Contains(why, error.Message, StringComparison.Ordinal);
        Assert.Equal("stays", File.ReadAllText(Path.Combine(_outside, "secret.txt")));
        Assert.Equal("a file", File.ReadAllText(At("file.txt")));
    }

    private string At(string path) => Path.Combine(_checkout, path);

    private Task PlaceAsync(AgentFile file) => FilePlacer.PlaceAsync(_checkout, file, default);
}
