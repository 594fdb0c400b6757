using System.Text.Json;
using Azure;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using QuantaPilot.Core.Admission;
using QuantaPilot.Core.Contracts;
using QuantaPilot.Core.Ports;

namespace QuantaPilot.Integrations.Tables;

/// <summary>
/// The book of all instances of an app: one blob, whose ETag guards each change. A change whose answer was lost is made again upon what
/// it has brought about, which leaves it as it is.
/// </summary>
public sealed class TablesAdmissionStore(TablesStorage storage, TimeProvider time) : IAdmissionStore, IDisposable
{
    /// <summary>No run has a folder of this name.</summary>
    private const string Name = "admission/book";

    /// <summary>With pauses of half a second on average: enough for many instances at once. After that the activity is repeated.</summary>
    private const int Attempts = 40;
    private const double LongestPauseMilliseconds = 1000;

    private readonly BlobClient _blob = storage.Documents.GetBlobClient(Name);

    /// <summary>Changes of one instance wait for each other, rather than come in each other's way.</summary>
    private readonly SemaphoreSlim _turn = new(1);

    public async Task<AdmissionBook> ReadAsync(CancellationToken cancellationToken) => (await LoadAsync(cancellationToken)).Book;

    /// <exception cref="TimeoutException">Other instances came first each time; nothing was written.</exception>
    public async Task<AdmissionBook> UpdateAsync(Func<AdmissionBook, AdmissionBook> change, CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken);
        try
        {
            for (var attempt = 1; attempt <= Attempts; attempt++)
            {
                var (present, etag) = await LoadAsync(cancellationToken);
                var after = change(present);
                if (ReferenceEquals(after, present) || await TryStoreAsync(after, etag, cancellationToken)) return after;
                await Task.Delay(Pause(attempt), time, cancellationToken);
            }
        }
        finally
        {
            _turn.Release();
        }
        throw new TimeoutException($"The queue of runs could not be written: other instances came first {Attempts} times.");
    }

    public void Dispose() => _turn.Dispose();

    private async Task<(AdmissionBook Book, ETag? ETag)> LoadAsync(CancellationToken cancellationToken)
    {
        try
        {
            var found = (await _blob.DownloadContentAsync(cancellationToken)).Value;
            var book = JsonSerializer.Deserialize(found.Content.ToMemory().Span, CoreJson.Default.AdmissionBook)
                ?? throw new InvalidOperationException("An empty document was stored.");
            return (book, found.Details.ETag);
        }
        catch (RequestFailedException e) when (e.ErrorCode == BlobErrorCode.BlobNotFound)
        {
            return (AdmissionBook.Empty, null);
        }
    }

    /// <returns>False if somebody else has written since.</returns>
    private async Task<bool> TryStoreAsync(AdmissionBook book, ETag? present, CancellationToken cancellationToken)
    {
        var conditions = new BlobRequestConditions { IfMatch = present, IfNoneMatch = present is null ? ETag.All : null };
        var content = BinaryData.FromBytes(JsonSerializer.SerializeToUtf8Bytes(book, CoreJson.Default.AdmissionBook));
        try
        {
            await _blob.UploadAsync(content, new BlobUploadOptions { Conditions = conditions }, cancellationToken);
            return true;
        }
        catch (RequestFailedException e) when (
            e.ErrorCode == BlobErrorCode.ConditionNotMet || e.ErrorCode == BlobErrorCode.BlobAlreadyExists)
        {
            return false;
        }
    }

    private static TimeSpan Pause(int attempt) =>
        TimeSpan.FromMilliseconds(Random.Shared.NextDouble() * Math.Min(LongestPauseMilliseconds, 10 * Math.Pow(2, attempt)));
}
