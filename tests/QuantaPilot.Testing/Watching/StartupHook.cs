using QuantaPilot.Testing.Watching;

/// <summary>What .NET looks for in an assembly that DOTNET_STARTUP_HOOKS names.</summary>
#pragma warning disable CA1050 // .NET looks for it outside namespaces.
internal static class StartupHook
#pragma warning restore CA1050
{
    public static void Initialize() => WatchedHosts.Install();
}
