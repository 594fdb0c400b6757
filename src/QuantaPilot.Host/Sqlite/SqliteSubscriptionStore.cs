using System.Text.Json;
using QuantaPilot.Core.Contracts;
using QuantaPilot.Core.Ports;
using QuantaPilot.Core.Subscriptions;
using QuantaPilot.Engine.Storage;

namespace QuantaPilot.Host.Sqlite;

/// <summary>Subscriptions in the host's one file. Since no other process writes to it, they stay in memory.</summary>
public sealed class SqliteSubscriptionStore(SqliteFile file) : ISubscriptionStore
{
    // Held while the list is read and remembered, so that a write in between cannot be overlooked.
    private readonly Lock _remembering = new();
    private volatile IReadOnlyList<Subscription>? _known;

    public async Task CreateAsync(Subscription subscription, CancellationToken cancellationToken)
    {
        var added = await file.WriteAsync(session => session.Execute(
            "INSERT INTO subscriptions (subscription_id, document) VALUES (?1, ?2) ON CONFLICT DO NOTHING",
            subscription.Id,
            Write(subscription)));
        if (added == 0) throw new ArgumentException("There is a subscription with that id.", nameof(subscription));
        Forget();
    }

    public async Task<Subscription?> FindAsync(string id, CancellationToken cancellationToken) =>
        (await ListRecentAsync(cancellationToken)).FirstOrDefault(subscription => subscription.Id == id);

    public async Task<IReadOnlyList<Subscription>> ListAsync(CancellationToken cancellationToken) =>
        await ListRecentAsync(cancellationToken);

    public ValueTask<IReadOnlyList<Subscription>> ListRecentAsync(CancellationToken cancellationToken)
    {
        if (_known is { } known) return new(known);
        lock (_remembering) return new(_known ??= Read());
    }

    public async Task<Subscription?> UpdateAsync(
        string id, Func<Subscription, Subscription> change, CancellationToken cancellationToken)
    {
        var after = await file.WriteAsync<Subscription?>(session =>
        {
            if (Find(session, id) is not { } present) return null;
            var changed = change(present);
            if (!ReferenceEquals(changed, present))
                session.Execute("UPDATE subscriptions SET document = ?2 WHERE subscription_id = ?1", id, Write(changed));
            return changed;
        });
        Forget();
        return after;
    }

    public async Task<bool> DeleteAsync(string id, CancellationToken cancellationToken)
    {
        var deleted = await file.WriteAsync(session => session.Execute("DELETE FROM subscriptions WHERE subscription_id = ?1", id));
        Forget();
        return deleted == 1;
    }

    private void Forget()
    {
        lock (_remembering) _known = null;
    }

    private List<Subscription> Read() => file.Read(session =>
    {
        var subscriptions = new List<Subscription>();
        using var reader = session.Query("SELECT document FROM subscriptions ORDER BY position DESC");
        while (reader.Read()) subscriptions.Add(Read((byte[])reader[0]));
        return subscriptions;
    });

    private static Subscription? Find(SqliteSession session, string id)
    {
        using var reader = session.Query("SELECT document FROM subscriptions WHERE subscription_id = ?1", id);
        return reader.Read() ? Read((byte[])reader[0]) : null;
    }

    private static byte[] Write(Subscription subscription) =>
        JsonSerializer.SerializeToUtf8Bytes(subscription, CoreJson.Default.Subscription);

    private static Subscription Read(byte[] document) => JsonSerializer.Deserialize(document, CoreJson.Default.Subscription)
        ?? throw new InvalidOperationException("An empty document was stored.");
}
