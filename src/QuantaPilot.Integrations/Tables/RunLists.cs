using System.Runtime.CompilerServices;
using Azure;
using Azure.Data.Tables;
using Azure.Data.Tables.Models;
using QuantaPilot.Core.Runs;

namespace QuantaPilot.Integrations.Tables;

/// <param name="List">The list.</param>
/// <param name="Key">The row in it.</param>
/// <param name="ETag">Tells this entry from a later one of the same run.</param>
/// <param name="At">When it was written, by the storage's clock.</param>
internal sealed record ListEntry(string List, string Key, ETag ETag, DateTimeOffset At);

/// <summary>
/// Lists of runs: one partition each. An entry is a hint, written before the run belongs there and removed after it no longer
/// does, so a crash can leave one too many but never one too few. Readers check each against its run.
/// </summary>
internal sealed class RunLists(TableClient table)
{
    public const string All = "all";

    /// <summary>
    /// Runs that have not ended, those at a gate apart: there may be very many of these. Both hold a run that is paused or stuck at
    /// one, and one whose gate was decided and whose orchestration does not show it yet.
    /// </summary>
    public const string Active = "active";
    public const string Waiting = "waiting";

    /// <summary>By the time of the end.</summary>
    public const string Ended = "ended";

    /// <summary>The hash of the run's project, by which a list of several projects is filtered where it is kept.</summary>
    private const string Project = "Project";

    public static string OfProject(string project) => $"project:{Keys.Hash(project)}";

    /// <summary>The runs of a project that ended so. Entered once, at the end; those that go on are few and are filtered.</summary>
    public static string OfProject(string project, RunStatus ended) => $"{OfProject(project)}:{ended}";

    public static string OfCorrelation(string correlationId) => $"correlation:{Keys.Hash(correlationId)}";

    /// <summary>Where all runs of a status are.</summary>
    public static string OfStatus(RunStatus status) => status switch
    {
        RunStatus.Waiting => Waiting,
        RunStatus.Completed or RunStatus.Failed or RunStatus.Cancelled => $"status:{status}",
        _ => Active,
    };

    /// <summary>The lists that a run belongs to for good.</summary>
    public static Dictionary<string, string> Lasting(RunSnapshot run) => new(StringComparer.Ordinal)
    {
        [All] = Keys.Listed(run),
        [OfProject(run.Project)] = Keys.Listed(run),
        [OfCorrelation(run.CorrelationId)] = Keys.Listed(run),
    };

    /// <summary>The lists that a run belongs to as it stands.</summary>
    public static Dictionary<string, string> Passing(RunSnapshot run, string? stuckReason)
    {
        var lists = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            [OfStatus(StoredRun.Show(run, stuckReason).Status)] = Keys.Listed(run),
        };
        if (run.Status.HasEnded())
        {
            lists[Ended] = Keys.Ended(run);
            lists[OfProject(run.Project, run.Status)] = Keys.Listed(run);
            return lists;
        }
        if (run.PendingGate is not null || run.Status == RunStatus.Waiting) lists[Waiting] = Keys.Listed(run);
        // It is about to be active. Entered now, it is found by who looks for what orchestrations were not told.
        if (run.HasUntold) lists[Active] = Keys.Listed(run);
        return lists;
    }

    public static bool Belongs(ListEntry entry, StoredRun? row) => row is not null
        && (Passing(row.Run, row.StuckReason).TryGetValue(entry.List, out var key) || Lasting(row.Run).TryGetValue(entry.List, out key))
        && key == entry.Key;

    /// <summary>Enters the run into lists, together.</summary>
    public async Task<Dictionary<string, ETag>> EnterAsync(
        string project, IEnumerable<KeyValuePair<string, string>> lists, CancellationToken cancellationToken)
    {
        var hash = Keys.Hash(project);
        var entered = await Task.WhenAll(lists.Select(async list =>
        {
            var row = new TableEntity(list.Key, list.Value) { [Project] = hash };
            var response = await table.UpsertEntityAsync(row, TableUpdateMode.Replace, cancellationToken);
            return (list.Key, ETag: response.Headers.ETag!.Value);
        }));
        return entered.ToDictionary(entry => entry.Key, entry => entry.ETag, StringComparer.Ordinal);
    }

    /// <summary>Removes an entry unless the run has entered again since.</summary>
    public async Task LeaveAsync(string list, string key, ETag etag, CancellationToken cancellationToken)
    {
        try
        {
            await table.DeleteEntityAsync(list, key, etag, cancellationToken);
        }
        catch (RequestFailedException e) when (e.ErrorCode == TableErrorCode.UpdateConditionNotSatisfied)
        {
            // Another writer entered the run meanwhile. If it does not belong there any more, a reader drops the entry.
        }
    }

    /// <summary>The entries of a list between two keys, both exclusive; of one project if it is given.</summary>
    public async IAsyncEnumerable<ListEntry> WalkAsync(
        (string List, string? Project) source,
        string? after,
        string? before,
        int pageSize,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var (list, project) = source;
        var filter = $"PartitionKey eq '{list}'";
        if (project is not null) filter += $" and {Project} eq '{Keys.Hash(project)}'";
        if (after is not null) filter += $" and RowKey gt '{after}'";
        if (before is not null) filter += $" and RowKey lt '{before}'";
        await foreach (var row in table.QueryAsync<TableEntity>(filter, Math.Min(pageSize, 1000), null, cancellationToken))
            yield return new ListEntry(list, row.RowKey, row.ETag, row.Timestamp!.Value);
    }
}
