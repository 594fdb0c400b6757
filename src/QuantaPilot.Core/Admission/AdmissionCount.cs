namespace QuantaPilot.Core.Admission;

/// <summary>How many runs of a book count for each limit.</summary>
internal sealed class AdmissionCount
{
    private readonly Dictionary<string, int> _projects = new(StringComparer.Ordinal);
    private readonly Dictionary<AdmissionKey, int> _branches = [];
    private int _working;

    public AdmissionCount(AdmissionBook book)
    {
        foreach (var entry in book.Entries)
        {
            if (entry.State == AdmissionState.Working) AddWorking(entry);
            if (entry.Begun) AddBegun(entry);
        }
    }

    /// <summary>The limit that keeps a run waiting, or null.</summary>
    public string? FindLimit(AdmissionEntry entry, ConcurrencyLimits limits)
    {
        if (limits.Running > 0 && _working >= limits.Running) return "host";
        if (limits.RunningPerProject > 0 && _projects.GetValueOrDefault(entry.Key.Project) >= limits.RunningPerProject) return "project";
        if (limits.RunningPerBranch == 0 || entry.Begun) return null;
        return _branches.GetValueOrDefault(entry.Key) >= limits.RunningPerBranch ? "branch" : null;
    }

    /// <summary>Counts a run that is admitted.</summary>
    public void Add(AdmissionEntry entry)
    {
        AddWorking(entry);
        if (!entry.Begun) AddBegun(entry);
    }

    private void AddWorking(AdmissionEntry entry)
    {
        _working++;
        _projects[entry.Key.Project] = _projects.GetValueOrDefault(entry.Key.Project) + 1;
    }

    private void AddBegun(AdmissionEntry entry) => _branches[entry.Key] = _branches.GetValueOrDefault(entry.Key) + 1;
}
