using QuantaPilot.Engine.Storage;

namespace QuantaPilot.Engine.Tests.Storage;

public sealed class GroupWriterTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("qp-writer-").FullName;
    private readonly SqliteFile _file;

    public GroupWriterTests() => _file = SqliteFile.Open(Path.Combine(_directory, "writer.db"), []);

    [Fact]
    public async Task Write_OfACallerBehindABacklog_GoesFirstAndTheBacklogFollowsInOrder()
    {
        using var begun = new ManualResetEventSlim();
        using var hold = new ManualResetEventSlim();
        var order = new List<string>();
        var held = _file.WriteAsync(_ =>
        {
            begun.Set();
            hold.Wait();
            return 0;
        });
        begun.Wait();
        var backlog = Enumerable.Range(0, 200).Select(i => Write($"{i}", WriteLane.Background)).ToList();
        var caller = Write("caller", WriteLane.Caller);

        hold.Set();
        await Task.WhenAll([held, caller, .. backlog]);

        Assert.Equal(["caller", .. Enumerable.Range(0, 200).Select(i => $"{i}")], order);

        Task<int> Write(string name, WriteLane lane) => _file.WriteAsync(_ =>
        {
            order.Add(name);
            return 0;
        }, lane);
    }

    [Fact]
    public async Task Write_OfBackgroundWorkWhileCallersCome_IsNotStarved()
    {
        using var stop = new CancellationTokenSource();
        var callers = Enumerable.Range(0, 8).Select(_ => Task.Run(async () =>
        {
            while (!stop.IsCancellationRequested) await _file.WriteAsync(_ => 0, WriteLane.Caller);
        })).ToList();

        var backlog = Enumerable.Range(0, 1000).Select(i => _file.WriteAsync(_ => i)).ToList();
        var done = await Task.WhenAll(backlog).WaitAsync(TimeSpan.FromSeconds(30));
        await stop.CancelAsync();
        await Task.WhenAll(callers);

        Assert.Equal(Enumerable.Range(0, 1000), done);
    }

    [Fact]
    public async Task Write_AfterTheFileWasClosed_IsRefused()
    {
        _file.Dispose();

        await Assert.ThrowsAsync<ObjectDisposedException>(() => _file.WriteAsync(_ => 0));
    }

    public void Dispose()
    {
        _file.Dispose();
        Directory.Delete(_directory, recursive: true);
    }
}
