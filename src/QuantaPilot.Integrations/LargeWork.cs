using System.Runtime.InteropServices;

namespace QuantaPilot.Integrations;

/// <summary>What has to be done after work on very many things.</summary>
internal static class LargeWork
{
    /// <summary>Below this the collector does well by itself.</summary>
    public const int Many = 20_000;

    private static bool _trims = OperatingSystem.IsLinux();

    /// <summary>
    /// Gives back the memory that a walk over so many files has left. The collector lets new objects take more room the more of
    /// them there are, up to hundreds of megabytes, and returns it late: a tenth of a second is nothing beside such a walk.
    /// </summary>
    public static void GiveBackMemory(int files)
    {
        if (files < Many) return;
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        Trim();
    }

    /// <summary>
    /// Has the C library give back what libgit2 has freed: glibc keeps it for the thread that had it, and each step has a thread of its
    /// own.
    /// </summary>
    private static void Trim()
    {
        if (!_trims) return;
        try
        {
            _ = MallocTrim(0);
        }
        catch (EntryPointNotFoundException)
        {
            // Only glibc has it; others keep less.
            _trims = false;
        }
    }

    [DllImport("libc", EntryPoint = "malloc_trim", ExactSpelling = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int MallocTrim(nuint pad);
}
