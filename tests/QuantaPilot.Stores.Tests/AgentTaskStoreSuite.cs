using System.Text;
using QuantaPilot.Core.Agents;
using QuantaPilot.Core.Ports;
using QuantaPilot.Core.Runs;

namespace QuantaPilot.Stores.Tests;

/// <summary>What every store of tasks of agents elsewhere does, on each of them.</summary>
public abstract class AgentTaskStoreSuite : IAsyncLifetime
{
    private readonly RunId _run = RunId.From(Guid.CreateVersion7());
    private IAgentTaskStore _store = null!;

    public async Task InitializeAsync() => _store = await OpenAsync();

    public abstract Task DisposeAsync();

    /// <summary>A store over what earlier ones have written.</summary>
    protected abstract Task<IAgentTaskStore> OpenAsync();

    [Fact]
    public async Task Open_Task_IsThereAndStaysAsItIs()
    {
        var task = NewTask();
        Assert.Equal(task, await _store.OpenAsync(task, default));
        await _store.UpdateAsync(_run, "M-001/1", 1, present => present.WithMessage(), default);

        _store = await OpenAsync();

        Assert.Equal(task with { Messages = 1 }, await _store.OpenAsync(task, default));
        Assert.Equal(task with { Messages = 1 }, await _store.FindAsync(_run, "M-001/1", 1, default));
        Assert.Null(await _store.FindAsync(_run, "M-001/1", 2, default));
        Assert.Null(await _store.FindAsync(_run, "M-001/2", 1, default));
        Assert.Null(await _store.FindAsync(RunId.From(Guid.CreateVersion7()), "M-001/1", 1, default));
    }

    [Theory]
    [InlineData(10)]
    [InlineData(4 * 1024 * 1024)]
    public async Task Answer_OfAnySize_IsKeptAsItCame(int size)
    {
        await _store.OpenAsync(NewTask(), default);
        Assert.Null(await _store.ReadAnswerAsync(_run, "M-001/1", 1, default));
        var answer = new byte[size];
        new Random(size).NextBytes(answer);

        var after = await _store.AnswerAsync(_run, "M-001/1", 1, "digest", answer, default);
        await _store.UpdateAsync(_run, "M-001/1", 1, present => present.Told(), default);

        Assert.Equal((RemoteTaskState.Answered, "digest"), (after!.State, after.AnswerDigest));
        _store = await OpenAsync();
        Assert.Equal(answer, await _store.ReadAnswerAsync(_run, "M-001/1", 1, default));
        Assert.Equal(RemoteTaskState.Told, (await _store.FindAsync(_run, "M-001/1", 1, default))!.State);
    }

    [Fact]
    public async Task Answer_ManyAtOnce_OneIsTaken()
    {
        await _store.OpenAsync(NewTask(), default);

        var after = await Task.WhenAll(Enumerable.Range(0, 10).Select(
            i => _store.AnswerAsync(_run, "M-001/1", 1, $"digest {i}", Encoding.UTF8.GetBytes($"answer {i}"), default)));

        var taken = Assert.Single(after.Select(task => task!.AnswerDigest).Distinct())!;
        Assert.Equal(
            taken.Replace("digest", "answer", StringComparison.Ordinal),
            Encoding.UTF8.GetString((await _store.ReadAnswerAsync(_run, "M-001/1", 1, default))!));
    }

    [Fact]
    public async Task Answer_AfterTheTaskWasGivenUp_IsNotTaken()
    {
        await _store.OpenAsync(NewTask(), default);
        await _store.UpdateAsync(_run, "M-001/1", 1, present => present.Closed(), default);

        var after = await _store.AnswerAsync(_run, "M-001/1", 1, "digest", "late"u8.ToArray(), default);

        Assert.Equal((RemoteTaskState.Closed, null), (after!.State, after.AnswerDigest));
        Assert.Null(await _store.ReadAnswerAsync(_run, "M-001/1", 1, default));
    }

    [Fact]
    public async Task Update_ManyAtOnce_LosesNone()
    {
        await _store.OpenAsync(NewTask(), default);

        await Task.WhenAll(Enumerable.Range(0, 20).Select(
            _ => _store.UpdateAsync(_run, "M-001/1", 1, present => present.WithMessage(), default)));

        Assert.Equal(20, (await _store.FindAsync(_run, "M-001/1", 1, default))!.Messages);
    }

    [Fact]
    public async Task Update_NoSuchTask_IsNullAndMakesNone()
    {
        Assert.Null(await _store.UpdateAsync(_run, "M-001/1", 1, present => present.Closed(), default));
        Assert.Null(await _store.AnswerAsync(_run, "M-001/1", 1, "digest", "x"u8.ToArray(), default));
        Assert.Null(await _store.FindAsync(_run, "M-001/1", 1, default));
    }

    [Fact]
    public async Task DeleteOfRun_RemovesAllOfItAndNothingElse()
    {
        var other = RunId.From(Guid.CreateVersion7());
        await _store.OpenAsync(NewTask(), default);
        await _store.OpenAsync(NewTask() with { Round = 2 }, default);
        await _store.AnswerAsync(_run, "M-001/1", 2, "digest", new byte[100_000], default);
        await _store.OpenAsync(NewTask() with { RunId = other }, default);

        await _store.DeleteOfRunAsync(_run, default);
        await _store.DeleteOfRunAsync(_run, default);

        Assert.Null(await _store.FindAsync(_run, "M-001/1", 1, default));
        Assert.Null(await _store.ReadAnswerAsync(_run, "M-001/1", 2, default));
        Assert.NotNull(await _store.FindAsync(other, "M-001/1", 1, default));
    }

    private RemoteTask NewTask() =>
        new() { RunId = _run, Step = "M-001/1", Round = 1, Endpoint = "build-farm", Agent = "remote" };
}
