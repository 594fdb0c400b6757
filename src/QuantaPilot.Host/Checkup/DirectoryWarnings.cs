using QuantaPilot.Host.Server;

namespace QuantaPilot.Host.Checkup;

/// <summary>What a server needs of its directory beside the database.</summary>
internal static class DirectoryWarnings
{
    /// <summary>For checkouts and the log of the database; a server over many or large repositories needs more.</summary>
    private const long LowSpace = 1024L * 1024 * 1024;

    private const UnixFileMode ForOthers = UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.GroupExecute
        | UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute;

    public static IReadOnlyList<string> Find(string directory)
    {
        var warnings = new List<string>();
        if (!OperatingSystem.IsWindows())
        {
            foreach (var path in new[] { directory, DataDirectory.DatabaseIn(directory), DataDirectory.AdminTokenIn(directory) })
            {
                if (!Path.Exists(path)) continue;
                var mode = File.GetUnixFileMode(path);
                if ((mode & ForOthers) != 0)
                {
                    warnings.Add(
                        $"{path} is open to others (mode {Convert.ToString((int)mode, 8)}), and secrets are in it: "
                        + $"chmod {(path == directory ? "700" : "600")} it.");
                }
            }
        }
        var free = new DriveInfo(directory).AvailableFreeSpace;
        if (free < LowSpace) warnings.Add($"{directory} has {free / 1_048_576} MiB of free disk; checkouts need room.");
        return warnings;
    }
}
