using System.Diagnostics;

namespace QuantaPilot.Api.Tests.Support;

/// <summary>
/// Runs validators that are not ours. <c>npm ci --prefix tests/schemas --ignore-scripts</c> installs them, which scripts/test does.
/// </summary>
internal static class NodeScript
{
    private static readonly TimeSpan _patience = TimeSpan.FromMinutes(2);

    /// <summary>Exit code and output of a script in tests/schemas.</summary>
    public static async Task<(int ExitCode, string Output)> RunAsync(params IReadOnlyList<string> arguments)
    {
        var directory = RepositoryFiles.PathOf("tests/schemas");
        if (!Directory.Exists(Path.Combine(directory, "node_modules")))
            throw new InvalidOperationException("The validators are not installed: run npm ci --prefix tests/schemas --ignore-scripts");
        var start = new ProcessStartInfo("node", arguments)
        {
            WorkingDirectory = directory,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        // It would look for a newer version of itself, and tell its makers of its use.
        start.Environment["REDOCLY_SUPPRESS_UPDATE_NOTICE"] = "true";
        start.Environment["REDOCLY_TELEMETRY"] = "off";
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        using var late = new CancellationTokenSource(_patience);
        try
        {
            await process.WaitForExitAsync(late.Token);
        }
        finally
        {
            if (!process.HasExited) process.Kill(entireProcessTree: true);
        }
        return (process.ExitCode, await output + await errors);
    }
}
