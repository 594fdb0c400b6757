using QuantaPilot.Core.Deliveries;
using QuantaPilot.Core.Ports;
using QuantaPilot.Core.Runs;

namespace QuantaPilot.Stores.Tests;

/// <summary>What every store of deliveries does, on each of them.</summary>
public abstract class DeliveryStoreSuite : IAsyncLifetime
{
    private readonly RunId _run = RunId.From(Guid.CreateVersion7());
    private IDeliveryStore _store = null!;

    public async Task InitializeAsync() => _store = await OpenAsync();

    public abstract Task DisposeAsync();

    /// <summary>A store over what earlier ones have written.</summary>
    protected abstract Task<IDeliveryStore> OpenAsync();

    [Fact]
    public async Task Update_New_IsThereAsItWasStored()
    {
        var delivery = DeliveryScenario.Pending(_run, 3).Attempted(DeliveryScenario.Down, Scenario.Start, Scenario.Start.AddMinutes(5));

        var after = await _store.UpdateAsync(delivery.Id.Batch, (_, present) => present ?? delivery, default);

        Assert.Same(delivery, Assert.Single(after));
        _store = await OpenAsync();
        var stored = (await _store.GetAsync(delivery.Id, default))!;
        Assert.Equivalent(delivery, stored, strict: true);
        Assert.Equal(delivery.Attempts, stored.Attempts);
        Assert.Equal(delivery.InstanceIds, stored.InstanceIds);
    }

    [Fact]
    public async Task Update_Batch_AnswersWhatThereIsInOrder()
    {
        await _store.AddAsync(DeliveryScenario.Pending(_run, 5));
        var batch = new DeliveryBatch(_run, "lifecycle", [2, 4, 5]);

        var after = await _store.UpdateAsync(
            batch, (sequence, present) => present ?? (sequence == 4 ? null : DeliveryScenario.Pending(_run, sequence)), default);

        Assert.Equal([2, 5], after.Select(delivery => delivery.Sequence));
        Assert.Equal([2, 5], (await _store.FindAsync(batch, default)).Select(delivery => delivery.Sequence));
        Assert.Empty(await _store.FindAsync(batch with { Sink = "other" }, default));
    }

    [Fact]
    public async Task Update_ManyAtOnce_LosesNone()
    {
        var id = await _store.AddAsync(DeliveryScenario.Pending(_run, 1));

        await Task.WhenAll(Enumerable.Range(0, 20).Select(i => _store.UpdateAsync(
            id.Batch, (_, present) => present!.Attempted(DeliveryScenario.Down, Scenario.Start.AddSeconds(i), Scenario.Start), default)));

        Assert.Equal(20, (await _store.GetAsync(id, default))!.Attempts.Count);
    }

    [Fact]
    public async Task List_Filters_MatchAllThatAreSet()
    {
        var other = RunId.From(Guid.CreateVersion7());
        var delivered = DeliveryScenario.Pending(_run, 2).Attempted(SinkAnswer.Delivered(200), Scenario.Start, null);
        var dead = DeliveryScenario.Pending(_run, 1, "gates").Attempted(SinkAnswer.Refused("rejected", 400), Scenario.Start, null);
        Delivery[] all = [DeliveryScenario.Pending(_run, 1), delivered, dead, DeliveryScenario.Pending(other, 1)];
        for (var i = 0; i < all.Length; i++) await _store.AddAsync(all[i] with { CreatedAt = Scenario.Start.AddSeconds(i) });

        Assert.Equal(
            [$"{other}:1:lifecycle", $"{_run}:1:gates", $"{_run}:2:lifecycle", $"{_run}:1:lifecycle"], await ListAsync(new DeliveryQuery()));
        Assert.Equal([$"{_run}:1:gates"], await ListAsync(new DeliveryQuery(Sink: "gates")));
        Assert.Equal([$"{_run}:1:gates"], await ListAsync(new DeliveryQuery(Status: DeliveryStatus.DeadLettered)));
        Assert.Equal([$"{_run}:2:lifecycle"], await ListAsync(new DeliveryQuery("lifecycle", DeliveryStatus.Delivered)));
        Assert.Equal(
            [$"{other}:1:lifecycle", $"{_run}:1:lifecycle"], await ListAsync(new DeliveryQuery("lifecycle", DeliveryStatus.Pending)));
        Assert.Equal([$"{_run}:1:lifecycle"], await ListAsync(new DeliveryQuery("lifecycle", DeliveryStatus.Pending, _run)));
        Assert.Empty(await ListAsync(new DeliveryQuery("nothing")));
    }

    [Fact]
    public async Task List_Pages_GoOnWhereTheLastEndedWhateverChanges()
    {
        for (var i = 1; i <= 5; i++) await _store.AddAsync(DeliveryScenario.Pending(_run, i));
        var first = await _store.ListAsync(new DeliveryQuery(Limit: 2), default);
        await _store.AddAsync(DeliveryScenario.Pending(_run, 6));
        await _store.UpdateAsync(new DeliveryBatch(_run, "lifecycle", [3]), (_, present) => present! with { Redeliveries = 1 }, default);

        var second = await _store.ListAsync(new DeliveryQuery(Limit: 2, Cursor: first.NextCursor), default);
        var third = await _store.ListAsync(new DeliveryQuery(Limit: 2, Cursor: second.NextCursor), default);

        Assert.Equal([5, 4, 3, 2, 1], first.Items.Concat(second.Items).Concat(third.Items).Select(delivery => delivery.Sequence));
        Assert.Null(third.NextCursor);
    }

    [Fact]
    public async Task List_CursorThatItDidNotHandOut_IsRefused()
    {
        await _store.AddAsync(DeliveryScenario.Pending(_run, 1));
        await _store.AddAsync(DeliveryScenario.Pending(_run, 2));
        var cursor = (await _store.ListAsync(new DeliveryQuery(Limit: 1), default)).NextCursor![1..];
        await Assert.ThrowsAsync<InvalidCursorException>(() => _store.ListAsync(new DeliveryQuery(Cursor: cursor), default));
        await Assert.ThrowsAsync<InvalidCursorException>(() => _store.ListAsync(new DeliveryQuery(Cursor: "x"), default));
    }

    [Fact]
    public async Task DeleteOfRun_RemovesThoseAndNoOthers()
    {
        var other = await _store.AddAsync(DeliveryScenario.Pending(RunId.From(Guid.CreateVersion7()), 1));
        var gone = await _store.AddAsync(DeliveryScenario.Pending(_run, 1));

        await _store.DeleteOfRunAsync(_run, default);
        await _store.DeleteOfRunAsync(_run, default);

        Assert.Null(await _store.GetAsync(gone, default));
        Assert.NotNull(await _store.GetAsync(other, default));
    }

    private async Task<IEnumerable<string>> ListAsync(DeliveryQuery query) =>
        (await _store.ListAsync(query, default)).Items.Select(delivery => delivery.Id.ToString());
}
