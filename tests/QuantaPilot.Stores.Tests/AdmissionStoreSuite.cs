using QuantaPilot.Core.Admission;
using QuantaPilot.Core.Ports;
using QuantaPilot.Core.Runs;

namespace QuantaPilot.Stores.Tests;

/// <summary>What every store of the queue does, whatever it is made of.</summary>
public abstract class AdmissionStoreSuite : IAsyncLifetime
{
    private static readonly AdmissionKey Key = new("https://example.com/org/project", "main");
    private static readonly ConcurrencyLimits Limits = new() { Running = 3 };

    /// <summary>The store as another process, or another start of the same, has it.</summary>
    protected abstract Task<IAdmissionStore> OpenAsync();

    public virtual Task InitializeAsync() => Task.CompletedTask;

    public abstract Task DisposeAsync();

    [Fact]
    public async Task Read_BeforeTheFirstChange_IsEmpty() => Assert.Empty((await (await OpenAsync()).ReadAsync(default)).Entries);

    [Fact]
    public async Task Update_ManyAtOnce_LosesNoneAndKeepsTheLimit()
    {
        var stores = new[] { await OpenAsync(), await OpenAsync() };
        var ids = Enumerable.Range(0, 24).Select(_ => RunId.From(Guid.NewGuid())).ToList();

        await Task.WhenAll(ids.Select((id, i) => stores[i % 2].UpdateAsync(book => book.Take(id, Key, 1, Limits), default)));

        var book = await stores[0].ReadAsync(default);
        Assert.Equal(ids.ToHashSet(), book.Entries.Select(entry => entry.RunId).ToHashSet());
        Assert.Equal(3, book.Entries.Count(entry => entry.State == AdmissionState.Working));
        Assert.Equal(Enumerable.Range(1, 24).Select(i => (long)i), book.Entries.Select(entry => entry.Order).Order());
    }

    [Fact]
    public async Task Update_IsThereAfterAnotherOpening()
    {
        var id = RunId.From(Guid.NewGuid());
        var first = await (await OpenAsync()).UpdateAsync(book => book.Take(id, Key, 7, Limits), default);

        var after = await (await OpenAsync()).ReadAsync(default);

        Assert.Equal(first.Entries, after.Entries);
        Assert.Equal(first.LastOrder, after.LastOrder);
        Assert.Equal(new AdmissionEntry(id, Key, 1, 7, AdmissionState.Working, true, true), after.Find(id));
    }

    [Fact]
    public async Task Update_ThatThrows_ChangesNothing()
    {
        var store = await OpenAsync();
        await store.UpdateAsync(book => book.Take(RunId.From(Guid.NewGuid()), Key, 1, Limits), default);

        await Assert.ThrowsAsync<InvalidOperationException>(() => store.UpdateAsync(_ => throw new InvalidOperationException(), default));

        Assert.Single((await store.ReadAsync(default)).Entries);
    }

    [Fact]
    public async Task Update_OfThousands_Fits()
    {
        var store = await OpenAsync();
        var entries = Enumerable.Range(1, 3_000).Select(i =>
            new AdmissionEntry(RunId.From(Guid.NewGuid()), Key, i, 1, AdmissionState.Waiting, false, true)).ToList();

        await store.UpdateAsync(_ => new AdmissionBook(entries, 3_000), default);

        Assert.Equal(3_000, (await store.ReadAsync(default)).Entries.Count);
    }
}
