using Azure;
using Azure.Data.Tables;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;

namespace QuantaPilot.Integrations.Tables;

/// <summary>Bytes of a row: in the row itself, or if there are too many in a blob that the row names.</summary>
internal sealed class Documents(BlobContainerClient container)
{
    public const string Inline = "Document";
    public const string Blob = "Blob";

    /// <summary>Below the 64 KiB that a property may have.</summary>
    public const int LargestInline = 60 * 1024;

    /// <summary>Writes the blob if one is needed. The row that is to name it is written after that.</summary>
    /// <param name="folder">The blobs of one owner are deleted together.</param>
    /// <param name="name">Tells in the folder what it holds; made unique, so that two writers never share a blob.</param>
    /// <param name="bytes">The document.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public async Task<StoredDocument> StoreAsync(string folder, string name, byte[] bytes, CancellationToken cancellationToken)
    {
        if (bytes.Length <= LargestInline) return new StoredDocument(bytes, null);
        var blob = $"{folder}/{name}-{Guid.NewGuid():N}";
        await container.UploadBlobAsync(blob, BinaryData.FromBytes(bytes), cancellationToken);
        return new StoredDocument(null, blob);
    }

    /// <returns>Null if the blob is gone: the row that named it has been replaced since it was read.</returns>
    public async Task<byte[]?> LoadAsync(TableEntity row, CancellationToken cancellationToken)
    {
        if (row.GetBinary(Inline) is { } bytes) return bytes;
        try
        {
            var content = await container.GetBlobClient(row.GetString(Blob)).DownloadContentAsync(cancellationToken);
            return content.Value.Content.ToArray();
        }
        catch (RequestFailedException e) when (e.ErrorCode == BlobErrorCode.BlobNotFound)
        {
            return null;
        }
    }

    /// <summary>Deletes the blob of a row that no longer names it, if it had one.</summary>
    public Task DeleteAsync(string? blob, CancellationToken cancellationToken) =>
        blob is null ? Task.CompletedTask : container.DeleteBlobIfExistsAsync(blob, cancellationToken: cancellationToken);

    /// <summary>Deletes all blobs of a folder, also those that a crash left without a row.</summary>
    public async Task DeleteFolderAsync(string folder, CancellationToken cancellationToken)
    {
        var options = new GetBlobsOptions { Prefix = folder + "/" };
        await foreach (var blob in container.GetBlobsAsync(options, cancellationToken)) await DeleteAsync(blob.Name, cancellationToken);
    }
}

/// <summary>One of the two is set.</summary>
internal sealed record StoredDocument(byte[]? Bytes, string? Blob)
{
    public int InlineLength => Bytes?.Length ?? 0;

    public void WriteTo(TableEntity row)
    {
        if (Bytes is not null) row[Documents.Inline] = Bytes;
        else row[Documents.Blob] = Blob;
    }
}
