using System.Diagnostics;
using System.Reflection;

namespace QuantaPilot.Infra.Tests;

/// <summary>The Bicep compiler, as the package brings it. It needs no network: the resource types are part of it.</summary>
internal static class BicepCli
{
    // The package writes it with backslashes.
    private static readonly string _bicep = Path.GetFullPath(Metadata("BicepPath").Replace('\\', '/'));

    public static string RepositoryRoot { get; } = Metadata("RepositoryRoot");

    /// <param name="directory">Where it runs.</param>
    /// <param name="environment">Variables on top of this process's own.</param>
    /// <param name="arguments">Its command line.</param>
    public static async Task<BicepResult> RunAsync(
        string directory, IReadOnlyDictionary<string, string> environment, params IReadOnlyList<string> arguments)
    {
        var start = new ProcessStartInfo(_bicep, arguments)
        {
            WorkingDirectory = directory,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (name, value) in environment) start.Environment[name] = value;
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        return new BicepResult(process.ExitCode, await output, await errors);
    }

    private static string Metadata(string key) =>
        typeof(BicepCli).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(attribute => attribute.Key == key).Value!;
}

/// <param name="ExitCode">0 if there is no error.</param>
/// <param name="Output">What it was asked for.</param>
/// <param name="Findings">Errors and warnings, one a line.</param>
internal sealed record BicepResult(int ExitCode, string Output, string Findings);
