using System.Diagnostics;

namespace QuantaPilot.Testing.Watching;

/// <summary>
/// Watches the hosts of <c>qp</c> processes as those of the suite's own process: .NET runs <see cref="StartupHook"/> in them before
/// their own code, and what they find comes back as lines of files, which outlive a process that is killed.
/// </summary>
public static class WatchedProcesses
{
    /// <summary>At which the hosts of a probed process answer with the token of the probe, and log it.</summary>
    public const string ProbePath = "/leak-probe";

    private const string DirectoryVariable = "LEAKS_DIRECTORY";
    private const string ProbeVariable = "LEAKS_PROBE";
    private const string FaultsEnd = ".faults";
    private const string PublishedEnd = ".published";

    private static readonly Lock _lock = new();
    private static readonly Lazy<string> _directory = new(MakeDirectory);
    private static int _publishes;
    private static readonly string? _reportTo = Environment.GetEnvironmentVariable(DirectoryVariable);

    /// <summary>What the hosts of this process answer at <see cref="ProbePath"/>; null if none watches it or none probes.</summary>
    public static string? ProbeToken { get; } = _reportTo is null ? null : Environment.GetEnvironmentVariable(ProbeVariable);

    /// <summary>How many processes have answered requests under watch.</summary>
    public static int Publishing => _directory.IsValueCreated ? Directory.GetFiles(_directory.Value, "*" + PublishedEnd).Length : 0;

    /// <summary>Has the process that is to be started, and those that it starts, watched.</summary>
    /// <param name="start">Of <c>qp</c>, or of a shell or terminal in which it runs.</param>
    /// <param name="probe">Lets a token leak in it.</param>
    public static void Watch(ProcessStartInfo start, LeakProbe? probe = null)
    {
        start.Environment["DOTNET_STARTUP_HOOKS"] = typeof(WatchedProcesses).Assembly.Location;
        start.Environment[DirectoryVariable] = _directory.Value;
        if (probe is not null) start.Environment[ProbeVariable] = probe.Token;
    }

    /// <summary>What watched processes have found.</summary>
    internal static IEnumerable<string> Faults() => _directory.IsValueCreated
        ? Directory.GetFiles(_directory.Value, "*" + FaultsEnd).SelectMany(File.ReadLines)
        : [];

    /// <summary>Tells the suite that watches this process, if one does.</summary>
    internal static void Report(string fault) => Append(FaultsEnd, fault.ReplaceLineEndings(" ") + "\n");

    /// <summary>Tells that this process publishes.</summary>
    internal static void ReportPublishing()
    {
        if (_reportTo is not null && Interlocked.Exchange(ref _publishes, 1) == 0) Append(PublishedEnd, "");
    }

    private static void Append(string end, string text)
    {
        if (_reportTo is null) return;
        lock (_lock) File.AppendAllText(Path.Combine(_reportTo, Environment.ProcessId + end), text);
    }

    private static string MakeDirectory()
    {
        var directory = Directory.CreateTempSubdirectory("quantapilot-leaks-").FullName;
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Directory.Delete(directory, recursive: true);
        return directory;
    }
}
