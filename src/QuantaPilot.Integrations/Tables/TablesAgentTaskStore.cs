using System.Globalization;
using System.Text.Json;
using Azure;
using Azure.Data.Tables;
using Azure.Data.Tables.Models;
using QuantaPilot.Core.Agents;
using QuantaPilot.Core.Contracts;
using QuantaPilot.Core.Ports;
using QuantaPilot.Core.Runs;

namespace QuantaPilot.Integrations.Tables;

/// <summary>
/// The tasks of agents elsewhere on Azure Table Storage: a partition for each run, a row for each task, changed under its ETag. An
/// answer that is too large for the row is a blob, written before the row that names it.
/// </summary>
public sealed class TablesAgentTaskStore(TablesStorage storage) : IAgentTaskStore
{
    private const string Document = "Task";

    /// <summary>Each round has a winner, and few write to a task at once.</summary>
    private const int MaxRounds = 50;

    private readonly TableClient _table = storage.Table(TablesStorage.AgentTasks);
    private readonly Documents _documents = new(storage.Documents);

    public async Task<RemoteTask> OpenAsync(RemoteTask task, CancellationToken cancellationToken)
    {
        try
        {
            var row = new TableEntity(task.RunId.ToString(), Key(task.Step, task.Round)) { [Document] = Write(task) };
            await _table.AddEntityAsync(row, cancellationToken);
            return task;
        }
        catch (RequestFailedException e) when (e.ErrorCode == TableErrorCode.EntityAlreadyExists)
        {
            return (await FindAsync(task.RunId, task.Step, task.Round, cancellationToken))!;
        }
    }

    public async Task<RemoteTask?> FindAsync(RunId runId, string step, int round, CancellationToken cancellationToken) =>
        await FindRowAsync(runId, step, round, cancellationToken) is { } row ? Read(row) : null;

    public Task<RemoteTask?> UpdateAsync(
        RunId runId, string step, int round, Func<RemoteTask, RemoteTask> change, CancellationToken cancellationToken) =>
        UpdateAsync(runId, step, round, change, _ => Task.FromResult<StoredDocument?>(null), cancellationToken);

    public Task<RemoteTask?> AnswerAsync(
        RunId runId, string step, int round, string digest, ReadOnlyMemory<byte> answer, CancellationToken cancellationToken)
    {
        StoredDocument? stored = null;
        return UpdateAsync(
            runId,
            step,
            round,
            present => present.Answered(digest),
            // Once, however many rounds it takes; one that loses goes with the run's other blobs.
            async token => stored ??= await _documents.StoreAsync(runId.ToString(), $"answer-{Key(step, round)}", answer.ToArray(), token),
            cancellationToken);
    }

    public async Task<byte[]?> ReadAnswerAsync(RunId runId, string step, int round, CancellationToken cancellationToken) =>
        await FindRowAsync(runId, step, round, cancellationToken) is { } row && Read(row).AnswerDigest is not null
            ? await _documents.LoadAsync(row, cancellationToken)
            : null;

    public async Task DeleteOfRunAsync(RunId runId, CancellationToken cancellationToken)
    {
        await foreach (var row in _table.QueryAsync<TableEntity>($"PartitionKey eq '{runId}'", cancellationToken: cancellationToken))
        {
            await _documents.DeleteAsync(row.GetString(Documents.Blob), cancellationToken);
            await _table.DeleteEntityAsync(row.PartitionKey, row.RowKey, ETag.All, cancellationToken);
        }
    }

    private async Task<RemoteTask?> UpdateAsync(
        RunId runId,
        string step,
        int round,
        Func<RemoteTask, RemoteTask> change,
        Func<CancellationToken, Task<StoredDocument?>> store,
        CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            if (await FindRowAsync(runId, step, round, cancellationToken) is not { } row) return null;
            var present = Read(row);
            var changed = change(present);
            if (ReferenceEquals(changed, present)) return present;
            row[Document] = Write(changed);
            if (await store(cancellationToken) is { } document) document.WriteTo(row);
            try
            {
                await _table.UpdateEntityAsync(row, row.ETag, TableUpdateMode.Replace, cancellationToken);
                return changed;
            }
            catch (RequestFailedException e) when (e.Status is 404 or 412 && attempt < MaxRounds)
            {
                // Changed or deleted by another meanwhile: look again.
            }
        }
    }

    private async Task<TableEntity?> FindRowAsync(RunId runId, string step, int round, CancellationToken cancellationToken)
    {
        var found = await _table.GetEntityIfExistsAsync<TableEntity>(
            runId.ToString(), Key(step, round), cancellationToken: cancellationToken);
        return found.HasValue ? found.Value : null;
    }

    /// <summary>A slash is not accepted in keys.</summary>
    private static string Key(string step, int round) =>
        string.Create(CultureInfo.InvariantCulture, $"{AgentStep.ToPathPart(step)}:r{round}");

    private static byte[] Write(RemoteTask task) => JsonSerializer.SerializeToUtf8Bytes(task, CoreJson.Default.RemoteTask);

    private static RemoteTask Read(TableEntity row) =>
        JsonSerializer.Deserialize(row.GetBinary(Document), CoreJson.Default.RemoteTask)
        ?? throw new InvalidOperationException("An empty document was stored.");
}
