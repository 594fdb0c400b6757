using System.Globalization;
using Azure;
using Azure.Data.Tables;
using Azure.Data.Tables.Models;
using QuantaPilot.Core.Ports;
using QuantaPilot.Core.Runs;

namespace QuantaPilot.Integrations.Tables;

/// <summary>
/// What was used up per day and project, on Azure Table Storage: a row for each try of an agent, in a partition for each day and
/// project. A sum reads them all, 1,000 a request.
/// </summary>
public sealed class TablesUsageStore(TablesStorage storage) : IUsageStore
{
    private const string Tokens = "Tokens";
    private const string MicroUsd = "MicroUsd";
    private const string Seconds = "Seconds";
    private const decimal MicrosPerUsd = 1_000_000;

    /// <summary>The most that one transaction takes.</summary>
    private const int TransactionSize = 100;

    private readonly TableClient _table = storage.Table(TablesStorage.Usage);

    public async Task AddAsync(
        string project, DateOnly day, RunId runId, long revision, AgentUsage usage, CancellationToken cancellationToken)
    {
        var row = new TableEntity(Partition(day, project), string.Create(CultureInfo.InvariantCulture, $"{runId}-{revision:D10}"))
        {
            [Tokens] = usage.Tokens,
            [MicroUsd] = (long)decimal.Round(usage.Usd * MicrosPerUsd),
            [Seconds] = usage.Seconds,
        };
        try
        {
            await _table.AddEntityAsync(row, cancellationToken);
        }
        catch (RequestFailedException e) when (e.ErrorCode == TableErrorCode.EntityAlreadyExists)
        {
            // It was counted before.
        }
    }

    public async Task<AgentUsage> SumAsync(string project, DateOnly day, CancellationToken cancellationToken)
    {
        var (tokens, micros, seconds) = (0L, 0L, 0.0);
        var rows = _table.QueryAsync<TableEntity>(
            TableClient.CreateQueryFilter($"PartitionKey eq {Partition(day, project)}"), null, [Tokens, MicroUsd, Seconds], cancellationToken);
        await foreach (var row in rows)
        {
            tokens += row.GetInt64(Tokens)!.Value;
            micros += row.GetInt64(MicroUsd)!.Value;
            seconds += row.GetDouble(Seconds)!.Value;
        }
        return new AgentUsage(tokens, micros / MicrosPerUsd, seconds);
    }

    public async Task RemoveBeforeAsync(DateOnly day, CancellationToken cancellationToken)
    {
        var rows = _table.QueryAsync<TableEntity>(
            TableClient.CreateQueryFilter($"PartitionKey lt {Day(day)}"), null, ["PartitionKey", "RowKey"], cancellationToken);
        var batch = new List<TableEntity>();
        // In the order of their partitions, which a transaction does not span.
        await foreach (var row in rows)
        {
            if (batch.Count == TransactionSize || (batch.Count > 0 && batch[0].PartitionKey != row.PartitionKey)) await DeleteAsync();
            batch.Add(row);
        }
        if (batch.Count > 0) await DeleteAsync();

        async Task DeleteAsync()
        {
            try
            {
                await _table.SubmitTransactionAsync(
                    batch.Select(row => new TableTransactionAction(TableTransactionActionType.Delete, row, ETag.All)), cancellationToken);
            }
            catch (RequestFailedException e) when (e.Status == 404)
            {
                // Another instance removes them at the same time; what is left after both is removed on the next day.
            }
            batch.Clear();
        }
    }

    private static string Partition(DateOnly day, string project) => $"{Day(day)}-{Keys.Hash(project)}";

    private static string Day(DateOnly day) => day.ToString("yyyyMMdd", CultureInfo.InvariantCulture);
}
