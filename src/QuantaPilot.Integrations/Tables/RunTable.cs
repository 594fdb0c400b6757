using System.Text.Json;
using Azure;
using Azure.Data.Tables;
using Azure.Data.Tables.Models;
using QuantaPilot.Core.Contracts;
using QuantaPilot.Core.Runs;

namespace QuantaPilot.Integrations.Tables;

/// <summary>The row of a run in its partition. Its events are rows of the same partition, so both are written in one transaction.</summary>
internal sealed class RunTable(TableClient table, Documents documents)
{
    private const string Version = "Version";
    private const string Status = "Status";
    private const string StuckReason = "StuckReason";
    private const string Entries = "Entries";

    /// <summary>Tells a write whose answer was lost, and that was sent again, from one of another instance.</summary>
    private const string Write = "Write";

    /// <summary>A large document can be replaced between the reading of the row and that of its blob.</summary>
    private const int Readings = 5;

    private static readonly string[] _peeked = [Status];

    /// <exception cref="InvalidOperationException">A document is missing.</exception>
    public async Task<StoredRun?> ReadAsync(RunId runId, CancellationToken cancellationToken)
    {
        for (var reading = 1; reading <= Readings; reading++)
        {
            var found = await table.GetEntityIfExistsAsync<TableEntity>(runId.ToString(), Keys.Run, null, cancellationToken);
            if (!found.HasValue) return null;
            var row = found.Value!;
            if (await documents.LoadAsync(row, cancellationToken) is not { } bytes) continue;
            var run = JsonSerializer.Deserialize(bytes, CoreJson.Default.RunSnapshot)
                ?? throw new InvalidOperationException($"An empty document was stored for run {runId}.");
            return new StoredRun(
                run, row.GetInt64(Version)!.Value, row.ETag, row.GetString(StuckReason), row.GetString(Documents.Blob), ReadEntries(row));
        }
        throw new InvalidOperationException($"The document of run {runId} is missing.");
    }

    /// <summary>The status shown and the ETag, without the document; null if there is no such run.</summary>
    public async Task<(RunStatus Status, ETag ETag)?> PeekAsync(RunId runId, CancellationToken cancellationToken)
    {
        var found = await table.GetEntityIfExistsAsync<TableEntity>(runId.ToString(), Keys.Run, _peeked, cancellationToken);
        return found.HasValue ? (Enum.Parse<RunStatus>(found.Value!.GetString(Status)), found.Value.ETag) : null;
    }

    /// <returns>Null if there is a run of that id.</returns>
    public async Task<StoredRun?> InsertAsync(
        RunSnapshot run, IReadOnlyDictionary<string, ETag> entries, CancellationToken cancellationToken)
    {
        var (row, blob) = await RowAsync(run, 1, null, entries, cancellationToken);
        try
        {
            var response = await table.AddEntityAsync(row, cancellationToken);
            return new StoredRun(run, 1, response.Headers.ETag!.Value, null, blob, entries);
        }
        catch (RequestFailedException e) when (e.ErrorCode == TableErrorCode.EntityAlreadyExists)
        {
            if (await FindWrittenAsync(row, cancellationToken) is { } etag) return new StoredRun(run, 1, etag, null, blob, entries);
            await documents.DeleteAsync(blob, cancellationToken);
            return null;
        }
    }

    /// <summary>Replaces the row and adds rows to its partition, all or none.</summary>
    /// <returns>Null if the run is no longer as <paramref name="present"/> says; nothing was written.</returns>
    public async Task<StoredRun?> ReplaceAsync(
        StoredRun present,
        RunSnapshot run,
        string? stuckReason,
        IReadOnlyDictionary<string, ETag> entries,
        IEnumerable<TableEntity> added,
        CancellationToken cancellationToken)
    {
        var version = present.Version + 1;
        var (row, blob) = await RowAsync(run, version, stuckReason, entries, cancellationToken);
        TableTransactionAction[] actions =
        [
            new(TableTransactionActionType.UpdateReplace, row, present.ETag),
            .. added.Select(entity => new TableTransactionAction(TableTransactionActionType.Add, entity)),
        ];
        try
        {
            var response = actions.Length == 1
                ? await table.UpdateEntityAsync(row, present.ETag, TableUpdateMode.Replace, cancellationToken)
                : (await table.SubmitTransactionAsync(actions, cancellationToken)).Value[0];
            return await ReplacedAsync(response.Headers.ETag!.Value);
        }
        catch (RequestFailedException e) when (IsConflict(e))
        {
            if (await FindWrittenAsync(row, cancellationToken) is { } etag) return await ReplacedAsync(etag);
            await documents.DeleteAsync(blob, cancellationToken);
            return null;
        }

        async Task<StoredRun> ReplacedAsync(ETag etag)
        {
            await documents.DeleteAsync(present.Blob, cancellationToken);
            return new StoredRun(run, version, etag, stuckReason, blob, entries);
        }
    }

    public Task DeleteAsync(RunId runId, CancellationToken cancellationToken) =>
        table.DeleteEntityAsync(runId.ToString(), Keys.Run, ETag.All, cancellationToken);

    /// <summary>Someone else changed the row, added the one that was to be added, or deleted it.</summary>
    public static bool IsConflict(RequestFailedException e) => e.ErrorCode == TableErrorCode.UpdateConditionNotSatisfied
        || e.ErrorCode == TableErrorCode.EntityAlreadyExists
        || e.ErrorCode == TableErrorCode.ResourceNotFound;

    /// <summary>The ETag of the row if it is the one that was to be written.</summary>
    private async Task<ETag?> FindWrittenAsync(TableEntity row, CancellationToken cancellationToken)
    {
        var found = await table.GetEntityIfExistsAsync<TableEntity>(row.PartitionKey, row.RowKey, [Write], cancellationToken);
        return found.HasValue && found.Value!.GetString(Write) == row.GetString(Write) ? found.Value.ETag : null;
    }

    private async Task<(TableEntity Row, string? Blob)> RowAsync(
        RunSnapshot run, long version, string? stuckReason, IReadOnlyDictionary<string, ETag> entries, CancellationToken cancellationToken)
    {
        var id = run.RunId.ToString();
        var json = JsonSerializer.SerializeToUtf8Bytes(run, CoreJson.Default.RunSnapshot);
        var document = await documents.StoreAsync(id, $"run-{version}", json, cancellationToken);
        var row = new TableEntity(id, Keys.Run)
        {
            [Version] = version,
            [Write] = Guid.NewGuid().ToString("N"),
            [Status] = StoredRun.Show(run, stuckReason).Status.ToString(),
            [StuckReason] = stuckReason,
            [Entries] = string.Join('\n', entries.Select(entry => $"{entry.Key} {entry.Value}")),
        };
        document.WriteTo(row);
        return (row, document.Blob);
    }

    private static Dictionary<string, ETag> ReadEntries(TableEntity row) => row.GetString(Entries)
        .Split('\n', StringSplitOptions.RemoveEmptyEntries)
        .Select(line => line.Split(' ', 2))
        .ToDictionary(parts => parts[0], parts => new ETag(parts[1]), StringComparer.Ordinal);
}
