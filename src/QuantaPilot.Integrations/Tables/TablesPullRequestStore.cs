using System.Text.Json;
using Azure;
using Azure.Data.Tables;
using Azure.Data.Tables.Models;
using QuantaPilot.Core.Ports;

namespace QuantaPilot.Integrations.Tables;

/// <summary>
/// Pull requests on Azure Table Storage. A repository is a partition, so the counter, the pull request and its entry by head
/// branch change in one transaction.
/// </summary>
public sealed class TablesPullRequestStore(TablesStorage storage, TimeProvider time) : IPullRequestStore
{
    private const string Counter = "counter";
    private const string Number = "Number";
    private const string MergedHeadSha = "MergedHeadSha";
    private const string MergeSha = "MergeSha";

    /// <summary>As many as may open pull requests of one repository at the same moment, with room to spare.</summary>
    private const int Attempts = 30;

    private readonly TableClient _table = storage.Table(TablesStorage.PullRequests);
    private readonly Documents _documents = new(storage.Documents);

    /// <exception cref="TimeoutException">Others opened pull requests of the repository each time first; nothing was written.</exception>
    public async Task<StoredPullRequest> OpenAsync(PullRequestRequest request, CancellationToken cancellationToken)
    {
        var partition = Keys.Hash(request.RepoUrl);
        var json = JsonSerializer.SerializeToUtf8Bytes(request, TablesJson.Default.PullRequestRequest);
        var document = await _documents.StoreAsync($"pull-requests/{partition}", "request", json, cancellationToken);
        for (var attempt = 1; attempt <= Attempts; attempt++)
        {
            var head = await FindAsync(partition, HeadKey(request.HeadBranch), cancellationToken);
            try
            {
                var number = head is null
                    ? await AddAsync(partition, request.HeadBranch, document, cancellationToken)
                    : await UpdateAsync(partition, head.GetInt32(Number)!.Value, document, cancellationToken);
                return (await GetAsync(request.RepoUrl, number, cancellationToken))!;
            }
            catch (RequestFailedException e) when (RunTable.IsConflict(e))
            {
                // Another instance opened one at the same time: look again.
            }
            await Task.Delay(TimeSpan.FromMilliseconds(Random.Shared.Next(10 * attempt)), time, cancellationToken);
        }
        await _documents.DeleteAsync(document.Blob, cancellationToken);
        throw new TimeoutException($"The pull request could not be stored: other writers came first {Attempts} times.");
    }

    public async Task<StoredPullRequest?> GetAsync(string repoUrl, int number, CancellationToken cancellationToken)
    {
        var partition = Keys.Hash(repoUrl);
        while (await FindAsync(partition, NumberKey(number), cancellationToken) is { } row)
        {
            // None if the row has been replaced since.
            if (await _documents.LoadAsync(row, cancellationToken) is not { } json) continue;
            var request = JsonSerializer.Deserialize(json, TablesJson.Default.PullRequestRequest)!;
            return new StoredPullRequest(request, number, row.GetString(MergedHeadSha), row.GetString(MergeSha));
        }
        return null;
    }

    public async Task SetMergeCommitAsync(string repoUrl, int number, string headSha, string mergeSha, CancellationToken cancellationToken)
    {
        var row = new TableEntity(Keys.Hash(repoUrl), NumberKey(number)) { [MergedHeadSha] = headSha, [MergeSha] = mergeSha };
        try
        {
            await _table.UpdateEntityAsync(row, ETag.All, TableUpdateMode.Merge, cancellationToken);
        }
        catch (RequestFailedException e) when (e.ErrorCode == TableErrorCode.ResourceNotFound)
        {
            throw new InvalidOperationException($"There is no pull request {number} of that repository.", e);
        }
    }

    private async Task<int> AddAsync(string partition, string headBranch, StoredDocument document, CancellationToken cancellationToken)
    {
        var counter = await FindAsync(partition, Counter, cancellationToken);
        var number = (counter?.GetInt32(Number) ?? 0) + 1;
        var count = new TableEntity(partition, Counter) { [Number] = number };
        await _table.SubmitTransactionAsync(
        [
            counter is null
                ? new TableTransactionAction(TableTransactionActionType.Add, count)
                : new TableTransactionAction(TableTransactionActionType.UpdateReplace, count, counter.ETag),
            new(TableTransactionActionType.Add, new TableEntity(partition, HeadKey(headBranch)) { [Number] = number }),
            new(TableTransactionActionType.Add, Row(partition, number, document)),
        ], cancellationToken);
        return number;
    }

    private async Task<int> UpdateAsync(string partition, int number, StoredDocument document, CancellationToken cancellationToken)
    {
        // Entered in one transaction with the head branch, and never deleted.
        var present = (await FindAsync(partition, NumberKey(number), cancellationToken))!;
        var row = Row(partition, number, document);
        row[MergedHeadSha] = present.GetString(MergedHeadSha);
        row[MergeSha] = present.GetString(MergeSha);
        await _table.UpdateEntityAsync(row, present.ETag, TableUpdateMode.Replace, cancellationToken);
        await _documents.DeleteAsync(present.GetString(Documents.Blob), cancellationToken);
        return number;
    }

    private static TableEntity Row(string partition, int number, StoredDocument document)
    {
        var row = new TableEntity(partition, NumberKey(number));
        document.WriteTo(row);
        return row;
    }

    private async Task<TableEntity?> FindAsync(string partition, string key, CancellationToken cancellationToken)
    {
        var found = await _table.GetEntityIfExistsAsync<TableEntity>(partition, key, null, cancellationToken);
        return found.HasValue ? found.Value : null;
    }

    private static string HeadKey(string branch) => $"head:{Keys.Hash(branch)}";

    private static string NumberKey(int number) => $"number:{number:D10}";
}
