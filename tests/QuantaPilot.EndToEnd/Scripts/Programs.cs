namespace QuantaPilot.EndToEnd.Scripts;

/// <summary>Programs that examples need, and where the examples are.</summary>
internal static class Programs
{
    private static readonly string? _root = FindRoot();

    /// <summary>A file of the repository.</summary>
    public static string FileOf(string path) =>
        Path.Combine(_root ?? throw new InvalidOperationException("This is not a clone."), path);

    public static bool IsInstalled(string program)
    {
        var folders = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator);
        return folders.Any(folder => File.Exists(Path.Combine(folder, program)));
    }

    /// <summary>How PowerShell is started: as installed, or as the tool of .config/dotnet-tools.json; null if there is none.</summary>
    public static string[]? PowerShell()
    {
        if (IsInstalled("pwsh")) return ["pwsh"];
        var packages = Environment.GetEnvironmentVariable("NUGET_PACKAGES")
            ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages");
        return Directory.Exists(Path.Combine(packages, "powershell")) ? ["dotnet", "tool", "run", "pwsh"] : null;
    }

    private static string? FindRoot()
    {
        for (var directory = new DirectoryInfo(AppContext.BaseDirectory); directory is not null; directory = directory.Parent)
        {
            if (File.Exists(Path.Combine(directory.FullName, "QuantaPilot.Functions.sln"))) return directory.FullName;
        }
        return null;
    }
}

/// <summary>A test that needs programs which not every machine has: without them it is passed over, and says why.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class ProgramsFactAttribute : FactAttribute
{
    public ProgramsFactAttribute(params string[] programs)
    {
        var missing = programs.Where(program => !Programs.IsInstalled(program)).ToList();
        if (missing.Count > 0) Skip = $"NOT TESTED HERE: this machine has no {string.Join(" and no ", missing)}.";
    }
}

/// <summary>A test that needs PowerShell.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class PowerShellFactAttribute : FactAttribute
{
    public PowerShellFactAttribute()
    {
        if (Programs.PowerShell() is null) Skip = "NOT TESTED HERE: there is no pwsh, and `dotnet tool restore` has not installed it.";
    }
}
