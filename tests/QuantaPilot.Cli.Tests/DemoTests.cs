using System.Diagnostics;
using LibGit2Sharp;
using QuantaPilot.Testing.Watching;

namespace QuantaPilot.Cli.Tests;

/// <summary>The demo as a person starts it: its own process, real server, real repository, real programs.</summary>
public sealed class DemoTests : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("qp-demo-tests-");

    public void Dispose()
    {
        // git's objects are read-only, which stops deletion on some systems.
        foreach (var file in _directory.EnumerateFiles("*", SearchOption.AllDirectories)) file.Attributes = FileAttributes.Normal;
        _directory.Delete(recursive: true);
    }

    [Fact]
    public async Task Demo_Yes_RunsTheWholePipeline()
    {
        var (exit, output, error) = await RunAsync("demo", "--yes");

        Assert.True(exit == 0, output + error);
        Assert.Equal(
            [
                "run_started",
                "documentation_generated",
                "gate_requested anchor:",
                "gate_decision anchor approved",
                "gate_requested milestone:M-001:",
                "gate_decision milestone:M-001 approved",
                "milestone_completed M-001",
                "gate_requested milestone:M-002:",
                "gate_decision milestone:M-002 approved",
                "milestone_completed M-002",
                "run_completed",
            ],
            EventsOf(output));
        Assert.DoesNotContain("run_started", error, StringComparison.Ordinal);

        using var repository = new Repository(_directory.GetDirectories("qp-demo-*").Single().GetDirectories("shop.git").Single().FullName);
        var main = repository.Branches["main"];
        Assert.Equal(4, main.Commits.Count());
        foreach (var commit in main.Commits) Assert.Contains(
            commit.Sha[..10] + "  " + commit.MessageShort, output, StringComparison.Ordinal);
        string[] expected = ["docs/ANCHOR.md", "bin/total.sh", "tests/total_test.sh", "bin/receipt.sh", "tests/receipt_test.sh"];
        foreach (var file in expected)
        {
            Assert.NotNull(main[file]);
            Assert.Contains(file, output, StringComparison.Ordinal);
        }
        Assert.Contains("bin/receipt.sh", ((Blob)main["README.md"].Target).GetContentText(), StringComparison.Ordinal);
    }

    /// <summary>The program where its own build put it: beside the tests it lacks the settings of its runtime.</summary>
    private static string ProgramPath()
    {
        var output = new DirectoryInfo(AppContext.BaseDirectory);
        var root = output.Parent!.Parent!.Parent!.Parent!.Parent!.FullName;
        return Path.Combine(root, "src", "QuantaPilot.Cli", "bin", output.Parent.Name, output.Name, "qp.dll");
    }

    private static IEnumerable<string> EventsOf(string output) => output.Split('\n').TakeWhile(line => line.Length > 0).Select(line =>
    {
        var words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return string.Join(' ', words.Skip(1).Take(words[1] switch
        {
            "gate_decision" => 3,
            "gate_requested" or "milestone_completed" => 2,
            _ => 1,
        }));
    });

    private async Task<(int Exit, string Output, string Error)> RunAsync(params string[] args)
    {
        var start = new ProcessStartInfo("dotnet", [ProgramPath(), .. args])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["TMPDIR"] = _directory.FullName;
        WatchedProcesses.Watch(start);
        using var process = Process.Start(start)!;
        process.StandardInput.Close();
        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        Leaks.NotePrinted("The output of qp demo", await output + await error);
        return (process.ExitCode, await output, await error);
    }
}
