using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text;

namespace QuantaPilot.Integrations.Command;

/// <summary>
/// Ends a program and everything that it started. A child may have been given away by its parent (a double fork), so
/// parentage is not enough: on Linux the program leads a session of its own and carries a mark in its environment that
/// its descendants inherit, and both are looked for.
/// </summary>
internal static class ProcessTree
{
    private const int Kill = 9;

    /// <summary>Each pass kills what it sees; a process that forks faster than it is seen is met again in the next.</summary>
    private const int MostPasses = 50;

    /// <summary>The setsid program, or null where there is none: then only what is still a descendant is found.</summary>
    public static string? SessionStarter { get; } =
        OperatingSystem.IsWindows() ? null : new[] { "/usr/bin/setsid", "/bin/setsid" }.FirstOrDefault(File.Exists);

    /// <param name="process">The program; it may have ended.</param>
    /// <param name="mark">A unique entry of its environment, <c>NAME=value</c>.</param>
    public static void End(Process process, string mark)
    {
        if (!process.HasExited) process.Kill(entireProcessTree: true);
        if (SessionStarter is not null) _ = SendSignal(-process.Id, Kill);
        EndMarked(mark);
    }

    /// <param name="mark">What stands in the environment of all that is to end.</param>
    public static void EndMarked(string mark)
    {
        if (!OperatingSystem.IsLinux()) return;
        for (var pass = 0; pass < MostPasses; pass++)
        {
            var left = Marked(mark);
            if (left.Count == 0) return;
            foreach (var id in left) _ = SendSignal(id, Kill);
        }
    }

    /// <summary>Live processes with the mark in their environment; one that has ended has no environment any more.</summary>
    private static List<int> Marked(string mark)
    {
        var needle = Encoding.UTF8.GetBytes(mark);
        var found = new List<int>();
        foreach (var folder in Directory.EnumerateDirectories("/proc"))
        {
            if (!int.TryParse(Path.GetFileName(folder.AsSpan()), out var id) || id == Environment.ProcessId) continue;
            try
            {
                if (File.ReadAllBytes(Path.Combine(folder, "environ")).AsSpan().IndexOf(needle) >= 0) found.Add(id);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // It has just ended, or belongs to another user and so can't be ours.
            }
        }
        return found;
    }

    [DllImport("libc", EntryPoint = "kill", ExactSpelling = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int SendSignal(int id, int signal);
}
