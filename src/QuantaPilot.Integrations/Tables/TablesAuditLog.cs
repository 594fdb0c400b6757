using System.Globalization;
using System.Text.Json;
using Azure;
using Azure.Data.Tables;
using Azure.Data.Tables.Models;
using QuantaPilot.Core.Audit;
using QuantaPilot.Core.Contracts;
using QuantaPilot.Core.Ports;

namespace QuantaPilot.Integrations.Tables;

/// <summary>
/// The audit log on Azure Table Storage. Rows are only ever added: an entry's own, and right behind it one that says what became of
/// it. A day is a partition; partitions and rows sort newest first, so a list walks them in order. Filters other than by time are
/// applied by the service as it walks: the rarer the entries, the more an <c>after</c> saves.
/// </summary>
public sealed class TablesAuditLog(TablesStorage storage) : IAuditLog
{
    private const string List = "audit";
    private const string Actor = "Actor";
    private const string Action = "Action";
    private const string RunId = "RunId";
    private const string Outcome = "Outcome";
    private const string Document = "Document";

    /// <summary>Ends the key of the row that settles an entry.</summary>
    private const string Settled = "-settled";

    private static readonly long _lastTicks = DateTime.MaxValue.Ticks;

    private readonly TableClient _table = storage.Table(TablesStorage.Audit);

    public Task AddAsync(AuditEntry entry, CancellationToken cancellationToken)
    {
        var row = Row(entry, "", entry.Outcome);
        row[Document] = JsonSerializer.SerializeToUtf8Bytes(entry, CoreJson.Default.AuditEntry);
        return AddOnceAsync(row, cancellationToken);
    }

    public Task SettleAsync(AuditEntry entry, AuditOutcome outcome, CancellationToken cancellationToken) =>
        AddOnceAsync(Row(entry, Settled, outcome), cancellationToken);

    public async Task<AuditPage> ListAsync(AuditQuery query, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(query.Limit, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(query.Limit, 200);
        var found = new List<(string Key, AuditEntry Entry)>();
        // Twice as many rows as entries, and one entry more than asked for, to tell whether there is a next page.
        var rows = _table.QueryAsync<TableEntity>(FilterFor(query), 2 * (query.Limit + 1), cancellationToken: cancellationToken);
        await foreach (var row in rows)
        {
            if (row.GetBinary(Document) is { } document)
            {
                if (found.Count > query.Limit) break;
                found.Add((row.RowKey, Read(document)));
            }
            else if (found.Count > 0 && row.RowKey == found[^1].Key + Settled && found[^1].Entry.Outcome == AuditOutcome.Begun)
            {
                found[^1] = (found[^1].Key, found[^1].Entry with { Outcome = Enum.Parse<AuditOutcome>(row.GetString(Outcome)) });
            }
        }
        var more = found.Count > query.Limit;
        return new AuditPage(
            [.. found.Take(query.Limit).Select(pair => pair.Entry)],
            more ? DeliveryKeys.EncodeCursor(List, found[query.Limit - 1].Key) : null);
    }

    private static string FilterFor(AuditQuery query)
    {
        var last = query.Cursor is { } cursor ? DeliveryKeys.DecodeCursor(List, cursor) : null;
        // The greater the key, the earlier the time.
        var (newest, oldest) = (Inverse(query.Before) is { } before ? before + 1 : 0, Inverse(query.After) ?? _lastTicks);
        var after = last is null ? newest : Math.Max(newest, long.Parse(last.AsSpan(0, last.IndexOf('-')), CultureInfo.InvariantCulture));
        var conditions = new List<string>
        {
            $"PartitionKey ge '{Day(after)}' and PartitionKey le '{Day(oldest)}'",
            $"RowKey ge '{Ticks(newest)}' and RowKey lt '{Ticks(oldest)}.'",
        };
        if (last is not null) conditions.Add(TableClient.CreateQueryFilter($"RowKey gt {last}"));
        if (query.Actor is { } actor) conditions.Add(TableClient.CreateQueryFilter($"Actor eq {actor}"));
        if (query.Action is { } action) conditions.Add($"{Action} eq '{action}'");
        if (query.RunId is { } runId) conditions.Add($"{RunId} eq '{runId}'");
        return string.Join(" and ", conditions);
    }

    /// <summary>A row of that key is this very row, sent again since the answer was lost, or what settled the entry before.</summary>
    private async Task AddOnceAsync(TableEntity row, CancellationToken cancellationToken)
    {
        try
        {
            await _table.AddEntityAsync(row, cancellationToken);
        }
        catch (RequestFailedException e) when (e.ErrorCode == TableErrorCode.EntityAlreadyExists)
        {
        }
    }

    /// <summary>With all that lists filter by, so that both rows of an entry are found or neither is.</summary>
    private static TableEntity Row(AuditEntry entry, string suffix, AuditOutcome outcome)
    {
        var place = _lastTicks - entry.At.UtcTicks;
        return new TableEntity(Day(place), $"{Ticks(place)}-{entry.Id}{suffix}")
        {
            [Actor] = entry.Actor,
            [Action] = entry.Action.ToString(),
            [RunId] = entry.RunId?.ToString(),
            [Outcome] = outcome.ToString(),
        };
    }

    private static AuditEntry Read(byte[] document) => JsonSerializer.Deserialize(document, CoreJson.Default.AuditEntry)
        ?? throw new InvalidOperationException("An empty document was stored.");

    private static long? Inverse(DateTimeOffset? time) => _lastTicks - time?.UtcTicks;

    private static string Day(long place) => (place / TimeSpan.TicksPerDay).ToString("D7", CultureInfo.InvariantCulture);

    private static string Ticks(long place) => place.ToString("D19", CultureInfo.InvariantCulture);
}
