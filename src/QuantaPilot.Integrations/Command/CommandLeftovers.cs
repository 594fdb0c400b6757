namespace QuantaPilot.Integrations.Command;

/// <summary>What a host that was killed has left running: its programs lead sessions of their own, so they outlive it.</summary>
public static class CommandLeftovers
{
    /// <summary>
    /// Ends the programs of an earlier host, with all that they started, before their tasks are begun again. Call it once, before
    /// the first program. Where there is no /proc, nothing can be found.
    /// </summary>
    public static void End(CommandOptions options)
    {
        if (options.HomeRoot is { } root) ProcessTree.EndMarked(HomeOf(root));
    }

    /// <summary>How the environment of a program begins to name its HOME below a root.</summary>
    internal static string HomeOf(string root) => $"HOME={Path.TrimEndingDirectorySeparator(root)}{Path.DirectorySeparatorChar}";
}
