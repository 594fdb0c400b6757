using System.Text.Json;
using QuantaPilot.Core.Contracts;
using QuantaPilot.Core.Deliveries;
using QuantaPilot.Core.Ports;
using QuantaPilot.Core.Runs;
using QuantaPilot.Engine.Storage;

namespace QuantaPilot.Host.Sqlite;

/// <summary>Deliveries in the host's one file. A batch is changed all or none.</summary>
public sealed class SqliteDeliveryStore(SqliteFile file) : IDeliveryStore
{
    public Task<IReadOnlyList<Delivery>> FindAsync(DeliveryBatch batch, CancellationToken cancellationToken) =>
        Task.FromResult(file.Read<IReadOnlyList<Delivery>>(session =>
            [.. batch.Sequences.Select(sequence => Find(session, batch, sequence)).OfType<Delivery>()]));

    public Task<IReadOnlyList<Delivery>> UpdateAsync(
        DeliveryBatch batch, Func<long, Delivery?, Delivery?> change, CancellationToken cancellationToken) =>
        file.WriteAsync<IReadOnlyList<Delivery>>(session =>
        {
            var after = new List<Delivery>(batch.Sequences.Count);
            foreach (var sequence in batch.Sequences)
            {
                var present = Find(session, batch, sequence);
                var changed = change(sequence, present) ?? present;
                if (changed is null) continue;
                if (!ReferenceEquals(changed, present)) Put(session, changed);
                after.Add(changed);
            }
            return after;
        });

    public Task<DeliveryPage> ListAsync(DeliveryQuery query, CancellationToken cancellationToken)
    {
        var (sql, values) = DeliveryListing.For(query);
        var rows = file.Read(session =>
        {
            var found = new List<(long Position, Delivery Delivery)>();
            using var reader = session.Query(sql, values);
            while (reader.Read()) found.Add((reader.GetInt64(0), Read((byte[])reader[1])));
            return found;
        });
        var more = rows.Count > query.Limit;
        if (more) rows.RemoveAt(rows.Count - 1);
        var cursor = more ? ListCursor.Deliveries.Encode(rows[^1].Position) : null;
        return Task.FromResult(new DeliveryPage([.. rows.Select(row => row.Delivery)], cursor));
    }

    public Task DeleteOfRunAsync(RunId runId, CancellationToken cancellationToken) =>
        file.WriteAsync(session => session.Execute("DELETE FROM deliveries WHERE run_id = ?1", runId.ToString()));

    private static Delivery? Find(SqliteSession session, DeliveryBatch batch, long sequence)
    {
        using var reader = session.Query(
            "SELECT document FROM deliveries WHERE run_id = ?1 AND sink = ?2 AND sequence = ?3",
            batch.RunId.ToString(),
            batch.Sink,
            sequence);
        return reader.Read() ? Read((byte[])reader[0]) : null;
    }

    private static void Put(SqliteSession session, Delivery delivery) => session.Execute(
        """
        INSERT INTO deliveries (run_id, sink, sequence, status, document) VALUES (?1, ?2, ?3, ?4, ?5)
        ON CONFLICT (run_id, sink, sequence) DO UPDATE SET status = ?4, document = ?5
        """,
        delivery.RunId.ToString(),
        delivery.Sink,
        delivery.Sequence,
        DeliveryListing.NameOf(delivery.Status),
        JsonSerializer.SerializeToUtf8Bytes(delivery, CoreJson.Default.Delivery));

    private static Delivery Read(byte[] document) => JsonSerializer.Deserialize(document, CoreJson.Default.Delivery)
        ?? throw new InvalidOperationException("An empty document was stored.");
}
