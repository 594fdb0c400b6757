namespace QuantaPilot.EndToEnd;

/// <summary>A test that needs a pseudo-terminal: passed over where there is no <c>script</c> of util-linux, which makes one.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class TerminalFactAttribute : FactAttribute
{
    public TerminalFactAttribute()
    {
        var folders = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator);
        if (!OperatingSystem.IsLinux() || !folders.Any(folder => File.Exists(Path.Combine(folder, "script"))))
            Skip = "There is no program 'script' (util-linux) here to make a terminal.";
    }
}
