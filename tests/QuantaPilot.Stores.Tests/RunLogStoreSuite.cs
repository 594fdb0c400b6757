using System.Text;
using QuantaPilot.Core.Ports;
using QuantaPilot.Core.Runs;

namespace QuantaPilot.Stores.Tests;

/// <summary>What every store of logs does, on each of them.</summary>
public abstract class RunLogStoreSuite : IAsyncLifetime
{
    private readonly RunId _run = RunId.From(Guid.CreateVersion7());
    private IRunLogStore _store = null!;

    public async Task InitializeAsync() => _store = await OpenAsync();

    public abstract Task DisposeAsync();

    /// <summary>A store over what earlier ones have written.</summary>
    protected abstract Task<IRunLogStore> OpenAsync();

    [Fact]
    public async Task Append_Texts_AreThereInOrderAsTheyWereWritten()
    {
        Assert.Equal([1, 2], await _store.AppendAsync(_run, [Text("one\ntwo"), Text("three", "M-001/1", 2, "coder")], default));
        Assert.Equal([3], await _store.AppendAsync(_run, [Text("grün 🌱\t\"quoted\"")], default));

        _store = await OpenAsync();
        var entries = await _store.ReadAsync(_run, 0, null, 10, default);

        Assert.Equal(
            [
                new RunLogEntry(1, Scenario.Start, "documentation", 1, "outline", "one\ntwo"),
                new RunLogEntry(2, Scenario.Start, "M-001/1", 2, "coder", "three"),
                new RunLogEntry(3, Scenario.Start, "documentation", 1, "outline", "grün 🌱\t\"quoted\""),
            ],
            entries);
    }

    [Fact]
    public async Task Append_AsMuchAsAnEntryMayHoldAndManyAtOnce_AreStored()
    {
        var large = new string('ü', IRunLogStore.MaxTextBytes / 2);
        var texts = Enumerable.Range(0, 120).Select(i => Text(i == 60 ? large : $"{i}")).ToList();

        Assert.Equal(Enumerable.Range(1, 120).Select(i => (long)i), await _store.AppendAsync(_run, texts, default));

        var entries = await _store.ReadAsync(_run, 0, null, 1000, default);
        Assert.Equal(texts.Select(text => text.Text), entries.Select(entry => entry.Text));
        Assert.Equal(IRunLogStore.MaxTextBytes, Encoding.UTF8.GetByteCount(entries[60].Text));
    }

    [Fact]
    public async Task Append_ByManyAtOnce_GivesEachEntryANumberOfItsOwn()
    {
        var given = await Task.WhenAll(
            Enumerable.Range(0, 10).Select(i => _store.AppendAsync(_run, [Text($"{i}"), Text($"{i}")], default)));

        Assert.Equal(Enumerable.Range(1, 20).Select(i => (long)i), given.SelectMany(numbers => numbers).Order());
        Assert.Equal(20, (await _store.ReadAsync(_run, 0, null, 100, default)).Count);
        Assert.All(given, numbers => Assert.Equal(numbers[0] + 1, numbers[1]));
    }

    [Fact]
    public async Task Read_AfterAndLimit_GivePages()
    {
        await _store.AppendAsync(_run, [.. Enumerable.Range(1, 5).Select(i => Text($"{i}"))], default);

        Assert.Equal([1, 2], Numbers(await _store.ReadAsync(_run, 0, null, 2, default)));
        Assert.Equal([3, 4, 5], Numbers(await _store.ReadAsync(_run, 2, null, 10, default)));
        Assert.Empty(await _store.ReadAsync(_run, 5, null, 10, default));
        Assert.Empty(await _store.ReadAsync(_run, long.MaxValue, null, 10, default));
        Assert.Empty(await _store.ReadAsync(RunId.From(Guid.CreateVersion7()), 0, null, 10, default));
    }

    [Fact]
    public async Task Read_ByStep_HasItAndWhatIsBelowIt()
    {
        string[] steps = ["documentation", "M-001", "M-001/1", "M-001/12", "M-0010", "M-001x/1", "m-001"];
        await _store.AppendAsync(_run, [.. steps.Select(step => Text(step, step))], default);

        Assert.Equal(["M-001", "M-001/1", "M-001/12"], (await _store.ReadAsync(_run, 0, "M-001", 10, default)).Select(e => e.Text));
        Assert.Equal(["M-001/1"], (await _store.ReadAsync(_run, 0, "M-001/1", 10, default)).Select(e => e.Text));
        Assert.Equal([3, 4], Numbers(await _store.ReadAsync(_run, 2, "M-001", 10, default)));
    }

    [Fact]
    public async Task Replace_Entries_LeavesANoteInThePlaceOfTheLast()
    {
        await _store.AppendAsync(_run, [.. Enumerable.Range(1, 5).Select(i => Text($"{i}"))], default);

        await _store.ReplaceAsync(_run, [1, 3], Text("2 left out"), default);
        Assert.Equal(["2", "2 left out", "4", "5"], (await _store.ReadAsync(_run, 0, null, 10, default)).Select(e => e.Text));

        // As after a call that was cut short: some of them are gone.
        await _store.ReplaceAsync(_run, [1, 2, 3, 4], Text("4 left out"), default);
        Assert.Equal(
            [(4, "4 left out"), (5, "5")], (await _store.ReadAsync(_run, 0, null, 10, default)).Select(e => (e.Sequence, e.Text)));
        Assert.Equal([6], await _store.AppendAsync(_run, [Text("6")], default));
    }

    [Fact]
    public async Task DeleteOfRun_RemovesAllOfItAndNothingElse()
    {
        var other = RunId.From(Guid.CreateVersion7());
        await _store.AppendAsync(_run, [.. Enumerable.Range(1, 120).Select(i => Text($"{i}"))], default);
        await _store.AppendAsync(other, [Text("stays")], default);

        await _store.DeleteOfRunAsync(_run, default);
        await _store.DeleteOfRunAsync(_run, default);

        Assert.Empty(await _store.ReadAsync(_run, 0, null, 10, default));
        Assert.Single(await _store.ReadAsync(other, 0, null, 10, default));
    }

    private static RunLogText Text(string text, string step = "documentation", int round = 1, string source = "outline") =>
        new(Scenario.Start, step, round, source, text);

    private static IEnumerable<long> Numbers(IEnumerable<RunLogEntry> entries) => entries.Select(entry => entry.Sequence);
}
