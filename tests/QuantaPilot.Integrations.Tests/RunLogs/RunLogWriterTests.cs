using System.Text;
using Microsoft.Extensions.Time.Testing;
using QuantaPilot.Core.Ports;
using QuantaPilot.Core.Runs;
using QuantaPilot.Integrations.RunLogs;

namespace QuantaPilot.Integrations.Tests.RunLogs;

public sealed class RunLogWriterTests
{
    private static readonly DateTimeOffset _start = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);
    private readonly ScriptedLogStore _store = new();
    private readonly FakeTimeProvider _time = new(_start);

    [Fact]
    public async Task Write_WorkInProgress_IsStoredAfterASecondInOnePiece()
    {
        await using var log = Open();
        log.Write("one");
        log.Write("two\nthree\n");
        Assert.Empty(_store.Texts);

        _time.Advance(RunLogWriter.Interval);
        await _store.NextWriteAsync();

        Assert.Equal([(1, new RunLogText(_start.AddSeconds(1), "M-001/1", 2, "coder", "one\ntwo\nthree"))], _store.Texts);
    }

    [Fact]
    public async Task Dispose_StoresWhatIsLeftAndTakesNoMore()
    {
        var log = Open();
        log.Write("the end");

        await log.DisposeAsync();
        await log.DisposeAsync();
        log.Write("too late");

        Assert.Equal("the end", _store.All);
    }

    [Fact]
    public async Task Dispose_NothingWritten_StoresNothing()
    {
        await Open().DisposeAsync();

        Assert.Empty(_store.Texts);
    }

    [Fact]
    public async Task Write_SecretsAndControlCharacters_AreNotStored()
    {
        await using (var log = Open())
        {
            log.Write("\u001b[1;32mgreen\u001b[0m and \u001b]0;title\u0007plain\u0008");
            log.Write("10 %\r20 %\r100 %\r\n");
            log.Write("password=hunter2hunter2 olga@example.com");
        }

        Assert.Equal($"green and plain\n100 %\npassword={Redactor.Replacement} {Redactor.Replacement}", _store.All);
    }

    [Fact]
    public async Task Write_PrivateKeyLineByLine_IsNotStoredWhereverItIsCut()
    {
        await using (var log = Open())
        {
            log.Write("key: -----BEGIN RSA PRIVATE KEY-----");
            log.Write("MIIEowIBAAKCAQEA");
            await FlushAsync();
            log.Write("c2VjcmV0c2VjcmV0");
            log.Write("-----END RSA PRIVATE KEY-----");
            log.Write("done");
        }

        Assert.Equal($"key: {Redactor.Replacement}\ndone", _store.All);
    }

    [Fact]
    public async Task Write_AnEndlessLine_IsCutInOnePlace()
    {
        await using (var log = Open()) log.Write(new string('x', 100_000));

        Assert.Equal(new string('x', LogLine.MaxShown) + "… the rest of this line is left out", _store.All);
    }

    [Fact]
    public async Task Write_MoreThanFitsAtOnce_KeepsTheEndWithANote()
    {
        await using (var log = Open())
        {
            for (var i = 0; i < 10_000; i++) log.Write($"line {i:D6} {new string('x', 40)}");
        }

        AssertBoundedTo(10_000);
    }

    [Fact]
    public async Task Write_MoreThanFitsInTime_KeepsTheEndWithOneNote()
    {
        await using (var log = Open())
        {
            for (var i = 0; i < 10_000; i++)
            {
                log.Write($"line {i:D6} {new string('x', 40)}");
                if (i % 1000 != 999) continue;
                await FlushAsync();
            }
        }

        AssertBoundedTo(10_000);
    }

    [Fact]
    public async Task Write_StoreFails_IsTriedAgainAndNothingIsLost()
    {
        await using (var log = Open())
        {
            _store.Fault = new IOException("away");
            log.Write("one");
            await FlushAsync();
            log.Write("two");
            _store.Fault = null;
        }

        Assert.Equal("one\ntwo", _store.All);
    }

    [Fact]
    public async Task Dispose_StoreFailsToTheEnd_DoesNotThrow()
    {
        _store.Fault = new IOException("away");
        var log = Open();
        log.Write("one");

        await log.DisposeAsync();

        Assert.Empty(_store.Texts);
    }

    /// <summary>The writer may not be waiting for its second yet, so one second may not be enough.</summary>
    private async Task FlushAsync()
    {
        for (var before = _store.Tries; _store.Tries == before; await Task.Yield()) _time.Advance(RunLogWriter.Interval);
    }

    private IRunLog Open() => new StoredRunLogs(_store, _time, CheckedLogger.For<StoredRunLogs>())
        .Open(RunId.Parse(new string('a', 32)), "M-001/1", 2, "coder");

    /// <summary>Whole lines up to the last, as many as fit, and before them how much is missing.</summary>
    private void AssertBoundedTo(int lines)
    {
        var line = $"line {0:D6} {new string('x', 40)}\n".Length;
        var kept = _store.Texts.Skip(1).SelectMany(text => text.Text.Text.Split('\n')).ToList();
        Assert.Equal($"line {lines - 1:D6}", kept[^1][..11]);
        Assert.Equal($"line {lines - kept.Count:D6}", kept[0][..11]);
        Assert.InRange(kept.Count * line, RunLogWriter.Capacity - IRunLogStore.MaxTextBytes, RunLogWriter.Capacity);
        Assert.Equal($"… {(lines - kept.Count) * line} bytes before this are left out", _store.Texts[0].Text.Text);
        Assert.All(_store.Texts, text => Assert.InRange(Encoding.UTF8.GetByteCount(text.Text.Text), 1, IRunLogStore.MaxTextBytes));
    }
}
