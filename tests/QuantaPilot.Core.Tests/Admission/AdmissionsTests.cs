using Moq;
using QuantaPilot.Core.Admission;
using QuantaPilot.Core.Orchestrations;
using QuantaPilot.Core.Ports;
using QuantaPilot.Core.Runs;

namespace QuantaPilot.Core.Tests.Admission;

public sealed class AdmissionsTests
{
    private static readonly AdmissionKey Key = new("https://example.com/a", "main");
    private static readonly RunId First = RunId.Parse(new string('1', 32));
    private static readonly RunId Second = RunId.Parse(new string('2', 32));
    private static readonly RunId Third = RunId.Parse(new string('3', 32));

    private readonly BookInMemory _store = new();
    private readonly Mock<IRunStore> _runs = new();
    private readonly Mock<IOrchestrationClient> _client = new();
    private readonly List<(string Run, int? Ticket)> _told = [];

    public AdmissionsTests()
    {
        _client.Setup(c => c.RaiseEventAsync(It.IsAny<string>(), RunSignal.EventName, It.IsAny<object?>(), It.IsAny<CancellationToken>()))
            .Callback((string run, string _, object? signal, CancellationToken _) => _told.Add((run, ((RunSignal)signal!).Ticket)))
            .ReturnsAsync(true);
        foreach (var run in new[] { First, Second, Third }) Is(run, RunStatus.Running, OrchestrationStatus.Running);
    }

    private Admissions Admissions => With(1);

    [Fact]
    public async Task Leave_TellsTheNextAndNotesThat()
    {
        Assert.True(await Admissions.TakeAsync(First, Key, 1, default));
        Assert.False(await Admissions.TakeAsync(Second, Key, 1, default));
        Assert.False(await Admissions.TakeAsync(Third, Key, 4, default));

        await Admissions.LeaveAsync(First, default);
        await Admissions.GiveBackAsync(Second, 1, default);

        Assert.Equal([($"{Second}", (int?)1), ($"{Third}", 4)], _told);
        Assert.Empty((await Admissions.ReadAsync(default)).Untold);
    }

    [Fact]
    public async Task Leave_RepeatedAfterACrashBeforeTheTelling_Tells()
    {
        await Admissions.TakeAsync(First, Key, 1, default);
        await Admissions.TakeAsync(Second, Key, 1, default);
        _client.Setup(c => c.RaiseEventAsync($"{Second}", RunSignal.EventName, It.IsAny<object?>(), It.IsAny<CancellationToken>()))
            .ThrowsAsync(new IOException("killed"));
        await Assert.ThrowsAsync<IOException>(() => Admissions.LeaveAsync(First, default));
        Assert.Single((await Admissions.ReadAsync(default)).Untold);
        _client.Setup(c => c.RaiseEventAsync($"{Second}", RunSignal.EventName, It.IsAny<object?>(), It.IsAny<CancellationToken>()))
            .Callback(() => _told.Add(("again", 1))).ReturnsAsync(true);

        await Admissions.LeaveAsync(First, default);

        Assert.Equal([("again", (int?)1)], _told);
    }

    [Fact]
    public async Task Leave_TheNextHasEnded_AdmitsTheOneAfter()
    {
        foreach (var run in new[] { First, Second, Third }) await Admissions.TakeAsync(run, Key, 1, default);
        _client.Setup(c => c.RaiseEventAsync($"{Second}", RunSignal.EventName, It.IsAny<object?>(), It.IsAny<CancellationToken>()))
            .ReturnsAsync(false);

        await Admissions.LeaveAsync(First, default);

        Assert.Equal([($"{Third}", (int?)1)], _told);
        Assert.Equal([Third], (await Admissions.ReadAsync(default)).Entries.Select(entry => entry.RunId));
    }

    [Fact]
    public async Task Leave_TheNextTakesNothingYet_IsToldLater()
    {
        await Admissions.TakeAsync(First, Key, 1, default);
        await Admissions.TakeAsync(Second, Key, 1, default);
        _client.Setup(c => c.RaiseEventAsync($"{Second}", RunSignal.EventName, It.IsAny<object?>(), It.IsAny<CancellationToken>()))
            .ThrowsAsync(new OrchestrationBusyException($"{Second}"));
        await Admissions.LeaveAsync(First, default);
        _client.Setup(c => c.RaiseEventAsync($"{Second}", RunSignal.EventName, It.IsAny<object?>(), It.IsAny<CancellationToken>()))
            .Callback(() => _told.Add(("later", 1))).ReturnsAsync(true);

        await Admissions.RecoverAsync(default);

        Assert.Equal([("later", (int?)1)], _told);
    }

    [Theory]
    [InlineData(RunStatus.Completed, OrchestrationStatus.Running)]
    [InlineData(RunStatus.Running, OrchestrationStatus.Terminated)]
    [InlineData(RunStatus.Running, OrchestrationStatus.Stuck)]
    [InlineData(null, OrchestrationStatus.Running)]
    [InlineData(RunStatus.Running, null)]
    public async Task Recover_RunNoLongerGoesOn_GivesItsSlotToTheNext(RunStatus? run, OrchestrationStatus? orchestration)
    {
        await Admissions.TakeAsync(First, Key, 1, default);
        await Admissions.TakeAsync(Second, Key, 1, default);
        Is(First, run, orchestration);

        await Admissions.RecoverAsync(default);

        Assert.Equal([($"{Second}", (int?)1)], _told);
        Assert.Null((await Admissions.ReadAsync(default)).Find(First));
    }

    [Fact]
    public async Task Recover_LimitWasTakenAway_AdmitsAll()
    {
        foreach (var run in new[] { First, Second, Third }) await Admissions.TakeAsync(run, Key, 1, default);

        await With(0).RecoverAsync(default);

        Assert.Equal([$"{Second}", $"{Third}"], _told.Select(told => told.Run));
    }

    [Fact]
    public async Task Recover_NobodyEverAsked_WritesNothing()
    {
        await Admissions.RecoverAsync(default);
        Assert.Equal(0, _store.Writes);
    }

    private Admissions With(int running) => new(
        _store, new ConcurrencyLimits { Running = running }, _runs.Object, _client.Object, CheckedLogger.For<Admissions>());

    private void Is(RunId id, RunStatus? status, OrchestrationStatus? orchestration)
    {
        var run = status is { } known
            ? new RunSnapshot
            {
                RunId = id,
                RepoUrl = "",
                Project = "",
                Branch = "",
                CorrelationId = "",
                RequestedBy = "",
                RequestDigest = "",
                CreatedAt = default,
                Status = known,
            }
            : null;
        _runs.Setup(s => s.GetAsync(id, It.IsAny<CancellationToken>())).ReturnsAsync(run);
        var state = orchestration is { } present ? new OrchestrationState($"{id}", "run", present, default, default, null, null) : null;
        _client.Setup(c => c.GetAsync($"{id}", It.IsAny<CancellationToken>())).ReturnsAsync(state);
    }

    private sealed class BookInMemory : IAdmissionStore
    {
        private AdmissionBook _book = AdmissionBook.Empty;

        public int Writes { get; private set; }

        public Task<AdmissionBook> ReadAsync(CancellationToken cancellationToken) => Task.FromResult(_book);

        public Task<AdmissionBook> UpdateAsync(Func<AdmissionBook, AdmissionBook> change, CancellationToken cancellationToken)
        {
            Writes++;
            return Task.FromResult(_book = change(_book));
        }
    }
}
