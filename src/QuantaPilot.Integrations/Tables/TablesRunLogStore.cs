using System.Text;
using Azure;
using Azure.Data.Tables;
using Azure.Data.Tables.Models;
using QuantaPilot.Core.Ports;
using QuantaPilot.Core.Runs;

namespace QuantaPilot.Integrations.Tables;

/// <summary>
/// The logs of runs on Azure Table Storage: a partition for each run, an entry a row. A row of its own holds the last number that
/// was given, and changes in the same transaction: of two writers the second takes the numbers behind the first's.
/// </summary>
public sealed class TablesRunLogStore(TablesStorage storage) : IRunLogStore
{
    private const string Head = "head";
    private const string Last = "Last";
    private const string At = "At";
    private const string Step = "Step";
    private const string Round = "Round";
    private const string Source = "Source";
    private const string Text = "Text";

    /// <summary>A transaction may have 100 operations (Azure's limit); one is the head's.</summary>
    private const int LargestPart = 99;

    /// <summary>Each round has a winner, and a step has one writer at a time besides the messages of agents elsewhere.</summary>
    private const int MaxRounds = 50;

    private readonly TableClient _table = storage.Table(TablesStorage.RunLogs);

    public async Task<IReadOnlyList<long>> AppendAsync(
        RunId runId, IReadOnlyList<RunLogText> texts, CancellationToken cancellationToken)
    {
        var sequences = new List<long>(texts.Count);
        foreach (var part in texts.Chunk(LargestPart))
        {
            var first = await AppendPartAsync(runId, part, cancellationToken);
            sequences.AddRange(Enumerable.Range(0, part.Length).Select(i => first + i));
        }
        return sequences;
    }

    public async Task ReplaceAsync(RunId runId, IReadOnlyList<long> sequences, RunLogText note, CancellationToken cancellationToken)
    {
        await DeleteAsync(runId, [.. sequences.SkipLast(1).Select(Keys.Event)], cancellationToken);
        await _table.UpsertEntityAsync(Row(runId, sequences[^1], note), TableUpdateMode.Replace, cancellationToken);
    }

    public async Task<IReadOnlyList<RunLogEntry>> ReadAsync(
        RunId runId, long after, string? step, int limit, CancellationToken cancellationToken)
    {
        var entries = new List<RunLogEntry>();
        if (after == long.MaxValue) return entries;
        var filter = $"PartitionKey eq '{runId}' and RowKey ge '{Keys.Event(after + 1)}' and RowKey lt '{Keys.AfterEvents}'";
        if (step is not null)
        {
            // '0' comes right after '/'.
            var (first, end) = ($"{step}/", $"{step}0");
            filter += TableClient.CreateQueryFilter($" and (Step eq {step} or (Step ge {first} and Step lt {end}))");
        }
        await foreach (var row in _table.QueryAsync<TableEntity>(filter, Math.Min(limit, 1000), null, cancellationToken))
        {
            entries.Add(Read(row));
            if (entries.Count == limit) break;
        }
        return entries;
    }

    public async Task DeleteOfRunAsync(RunId runId, CancellationToken cancellationToken)
    {
        var keys = new List<string>();
        await foreach (var row in _table.QueryAsync<TableEntity>($"PartitionKey eq '{runId}'", null, ["RowKey"], cancellationToken))
            keys.Add(row.RowKey);
        await DeleteAsync(runId, keys, cancellationToken);
    }

    private async Task<long> AppendPartAsync(RunId runId, RunLogText[] part, CancellationToken cancellationToken)
    {
        for (var round = 1; ; round++)
        {
            var found = await _table.GetEntityIfExistsAsync<TableEntity>(runId.ToString(), Head, cancellationToken: cancellationToken);
            var last = found.HasValue ? found.Value!.GetInt64(Last)!.Value : 0;
            var head = new TableEntity(runId.ToString(), Head) { [Last] = last + part.Length };
            List<TableTransactionAction> actions =
            [
                found.HasValue
                    ? new TableTransactionAction(TableTransactionActionType.UpdateReplace, head, found.Value!.ETag)
                    : new TableTransactionAction(TableTransactionActionType.Add, head),
                .. part.Select((text, i) => new TableTransactionAction(TableTransactionActionType.Add, Row(runId, last + 1 + i, text))),
            ];
            try
            {
                await _table.SubmitTransactionAsync(actions, cancellationToken);
                return last + 1;
            }
            catch (TableTransactionFailedException e) when (IsConflict(e) && round < MaxRounds)
            {
                // Another writer was faster: its numbers come first.
            }
        }
    }

    private async Task DeleteAsync(RunId runId, List<string> keys, CancellationToken cancellationToken)
    {
        foreach (var part in keys.Chunk(LargestPart))
        {
            try
            {
                await _table.SubmitTransactionAsync(part.Select(key => Delete(runId, key)), cancellationToken);
            }
            catch (TableTransactionFailedException e) when (e.Status == 404)
            {
                // One of them is gone already, which undoes the others: one by one, that does not matter.
                foreach (var key in part) await _table.DeleteEntityAsync(runId.ToString(), key, ETag.All, cancellationToken);
            }
        }
    }

    private static TableTransactionAction Delete(RunId runId, string key) =>
        new(TableTransactionActionType.Delete, new TableEntity(runId.ToString(), key), ETag.All);

    private static bool IsConflict(RequestFailedException e) =>
        e.Status == 412 || e.ErrorCode == TableErrorCode.EntityAlreadyExists;

    private static TableEntity Row(RunId runId, long sequence, RunLogText text) => new(runId.ToString(), Keys.Event(sequence))
    {
        [At] = text.At,
        [Step] = text.Step,
        [Round] = text.Round,
        [Source] = text.Source,
        // As bytes: a property may have 64 KiB, and as a text each character would take two.
        [Text] = Encoding.UTF8.GetBytes(text.Text),
    };

    private static RunLogEntry Read(TableEntity row) => new(
        Keys.SequenceOf(row.RowKey),
        row.GetDateTimeOffset(At)!.Value,
        row.GetString(Step),
        row.GetInt32(Round)!.Value,
        row.GetString(Source),
        Encoding.UTF8.GetString(row.GetBinary(Text)));
}
