using LibGit2Sharp;
using QuantaPilot.Integrations.Git.Remotes;

namespace QuantaPilot.Integrations.Git;

/// <summary>Settings of libgit2 that hold for the whole process.</summary>
internal static class GitLibrary
{
    private static readonly Lazy<bool> Isolation = new(Isolate);

    /// <summary>Cuts libgit2 off from the machine's own git configuration. Idempotent.</summary>
    public static void EnsureIsolated() => _ = Isolation.Value;

    private static bool Isolate()
    {
        // A run must not depend on, or be steered by, the configuration of whoever runs the host: url.*.insteadOf would
        // reach other repositories than the policy allowed, core.attributesFile would change contents. libgit2 itself
        // runs no hook, filter program, fsmonitor or credential helper, whatever a repository's own files say.
        ConfigurationLevel[] levels =
            [ConfigurationLevel.Global, ConfigurationLevel.Xdg, ConfigurationLevel.System, ConfigurationLevel.ProgramData];
        foreach (var level in levels) GlobalSettings.SetConfigSearchPaths(level, "/dev/null");

        // The ownership check guards against configuration that makes git run programs for another user. libgit2 runs
        // none, and a file remote often belongs to another user (a shared server directory): which ones may be used is
        // for the host's policy to say.
        GlobalSettings.SetOwnerValidation(false);

        GlobalSettings.RegisterSmartSubtransport<HttpSubtransport>(HttpSession.Scheme);
        return true;
    }
}
