namespace QuantaPilot.EndToEnd;

/// <summary><c>qp doctor</c> as a process of its own, beside a real server and after one that was killed.</summary>
public sealed class DoctorTests : IDisposable
{
    private readonly TempDirectory _directory = new();

    private string Data => _directory.Combine("data");

    private string Temporary => _directory.Combine("tmp");

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task Doctor_WaitingRunOfAServer_GoesOnBesideItAndAfterItWasKilled()
    {
        Directory.CreateDirectory(Temporary);
        await using var server = new ServerProcess(Data, "--allow", "file://*");
        using var client = await server.StartAndWaitAsync();
        var repository = new GitRepository(_directory, "repository");
        repository.Commit("main", ("README.md", "# Sample\n"));
        var runId = await client.StartRunAsync(repository.Url);
        await client.WaitForEventAsync(runId, "gate_requested");

        var (exit, output) = await RunDoctorAsync();
        Assert.True(exit == 0, output);
        Assert.Contains("beside its server", output, StringComparison.Ordinal);
        Assert.Contains("1 unfinished (run 1): all would go on", output, StringComparison.Ordinal);
        Assert.Equal("waiting", (await client.GetRunAsync(runId)).GetProperty("status").GetString());

        await server.KillAsync();
        var before = DirectoryContents.Read(Data);
        (exit, output) = await RunDoctorAsync();
        Assert.True(exit == 0, output);
        Assert.Contains("on a copy", output, StringComparison.Ordinal);
        Assert.Contains("1 unfinished (run 1): all would go on", output, StringComparison.Ordinal);
        Assert.Equal(before, DirectoryContents.Read(Data));
        Assert.Empty(Directory.EnumerateDirectories(Temporary, "qp-copy-*"));

        using var again = await server.StartAndWaitAsync();
        Assert.Equal("applied", await again.DecideAsync(runId, "anchor", true));
        Assert.Equal("completed", (await again.WaitForEndAsync(runId)).GetProperty("status").GetString());
    }

    private async Task<(int Exit, string Output)> RunDoctorAsync()
    {
        var environment = new Dictionary<string, string> { ["TMPDIR"] = Temporary };
        var line = QpProcess.Line("doctor", "--data", Data);
        using var process = QpProcess.StartProgram(_directory.Path, environment, "bash", "-c", $"exec {line}");
        return (await process.ExitAsync(), process.Output);
    }
}
