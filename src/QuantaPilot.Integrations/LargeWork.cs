namespace QuantaPilot.Integrations;

/// <summary>What has to be done after work on very many things.</summary>
internal static class LargeWork
{
    /// <summary>Below this the collector does well by itself.</summary>
    public const int Many = 20_000;

    /// <summary>
    /// Gives back the memory that a walk over so many files has left. The collector lets new objects take more room the more of
    /// them there are, up to hundreds of megabytes, and returns it late: a tenth of a second is nothing beside such a walk.
    /// </summary>
    public static void GiveBackMemory(int files)
    {
        if (files >= Many) GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
    }
}
