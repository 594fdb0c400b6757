using System.Diagnostics;

namespace QuantaPilot.Testing;

/// <summary>The git binary, with fixed dates and none of the machine's configuration.</summary>
public static class GitCommand
{
    public static string Run(string directory, params string[] arguments) => Run(directory, null, arguments);

    public static string Run(string directory, byte[]? input, string[] arguments)
    {
        using var process = Process.Start(StartInfo(directory, arguments))!;
        var errors = process.StandardError.ReadToEndAsync();
        if (input is not null) process.StandardInput.BaseStream.Write(input);
        process.StandardInput.Close();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0
            ? output.TrimEnd('\n')
            : throw new InvalidOperationException($"git {string.Join(' ', arguments)}: {errors.GetAwaiter().GetResult()}");
    }

    public static ProcessStartInfo StartInfo(string directory, params string[] arguments)
    {
        var start = new ProcessStartInfo("git", arguments)
        {
            WorkingDirectory = directory,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["GIT_CONFIG_GLOBAL"] = "/dev/null";
        start.Environment["GIT_CONFIG_SYSTEM"] = "/dev/null";
        foreach (var who in (string[])["AUTHOR", "COMMITTER"])
        {
            start.Environment[$"GIT_{who}_NAME"] = "Ada";
            start.Environment[$"GIT_{who}_EMAIL"] = "ada@example.com";
            start.Environment[$"GIT_{who}_DATE"] = "2026-01-02T03:04:05Z";
        }
        return start;
    }
}
