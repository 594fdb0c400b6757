using System.Text.Json;
using QuantaPilot.Core.Admission;
using QuantaPilot.Core.Contracts;
using QuantaPilot.Core.Ports;
using QuantaPilot.Engine.Storage;

namespace QuantaPilot.Host.Sqlite;

/// <summary>The book of a standalone host, a row of its one file.</summary>
public sealed class SqliteAdmissionStore(SqliteFile file) : IAdmissionStore
{
    public Task<AdmissionBook> ReadAsync(CancellationToken cancellationToken) => Task.FromResult(file.Read(Read));

    public Task<AdmissionBook> UpdateAsync(Func<AdmissionBook, AdmissionBook> change, CancellationToken cancellationToken) =>
        file.WriteAsync(session =>
        {
            var present = Read(session);
            var after = change(present);
            if (!ReferenceEquals(after, present))
            {
                session.Execute(
                    "INSERT INTO admission (id, document) VALUES (1, ?1) ON CONFLICT (id) DO UPDATE SET document = ?1",
                    JsonSerializer.SerializeToUtf8Bytes(after, CoreJson.Default.AdmissionBook));
            }
            return after;
        });

    private static AdmissionBook Read(SqliteSession session) =>
        session.Scalar("SELECT document FROM admission WHERE id = 1") is byte[] document
            ? JsonSerializer.Deserialize(document, CoreJson.Default.AdmissionBook)
                ?? throw new InvalidOperationException("An empty document was stored.")
            : AdmissionBook.Empty;
}
