using QuantaPilot.Core.Pipeline;
using QuantaPilot.Core.Ports;
using QuantaPilot.Core.Runs;

namespace QuantaPilot.Integrations.Tests.Command;

/// <summary>A directory with scripts, as a checkout; it goes with the object.</summary>
internal sealed class TestWorkspace : ICheckout, IDisposable
{
    public const string RepoUrl = "https://example.com/team/app";

    private readonly DirectoryInfo _directory = System.IO.Directory.CreateTempSubdirectory("qp-command-tests-");

    public string Directory => _directory.FullName;
    public string HeadSha => new('a', 40);
    public string BaseSha => HeadSha;
    public bool ContinuesWorkBranch => false;

    public string this[string name] => Path.Combine(Directory, name);

    public void Script(string name, string body)
    {
        if (OperatingSystem.IsWindows()) throw new PlatformNotSupportedException("These tests run scripts.");
        System.IO.Directory.CreateDirectory(Path.GetDirectoryName(this[name])!);
        File.WriteAllText(this[name], "#!/bin/bash\n" + body.ReplaceLineEndings("\n") + "\n");
        File.SetUnixFileMode(this[name], UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    /// <summary>A pipe that a script signals on: opening it to read waits until the script opens it to write.</summary>
    public string Pipe(string name)
    {
        using var process = System.Diagnostics.Process.Start("mkfifo", [this[name]]);
        process.WaitForExit();
        Assert.Equal(0, process.ExitCode);
        return this[name];
    }

    public static AgentTask Task(params string[] command) =>
        new(
            RunId.Parse(new string('1', 32)),
            RepoUrl,
            "main",
            "M-001-1",
            "Write the code\nwith care",
            null,
            new AgentDefinition("coder", AgentDefinition.CommandType, command, null));

    public string? ReadText(string path) => File.Exists(this[path]) ? File.ReadAllText(this[path]) : null;

    public bool HasCommitFor(string step) => false;

    public Task<PushedWork> CommitAndPushAsync(string step, string message, CancellationToken cancellationToken) =>
        throw new NotSupportedException("Agents and checks don't push.");

    public void Dispose() => _directory.Delete(recursive: true);

    public ValueTask DisposeAsync()
    {
        Dispose();
        return ValueTask.CompletedTask;
    }
}
