using System.Net.Sockets;
using Moq;
using QuantaPilot.Core.Activities;
using QuantaPilot.Core.Pipeline;
using QuantaPilot.Core.Ports;
using QuantaPilot.Core.Runs;

namespace QuantaPilot.Core.Tests.Activities;

public sealed partial class RunActivitiesTests
{
    private static readonly AgentUsage SomeUsage = new(1200, 0.5m, 3);

    public static TheoryData<Exception> Outages() =>
    [
        new StorageUnavailableException(false, "SQLite can't use its file"),
        new HttpRequestException("no route"),
        new SocketException((int)SocketError.ConnectionReset),
        new IOException("input/output error"),
        new TimeoutException("late"),
        new TaskCanceledException("late", new TimeoutException()),
        new AggregateException(new IOException("one"), new HttpRequestException("two")),
    ];

    [Theory]
    [MemberData(nameof(Outages))]
    public async Task Activity_StorageOrNetworkIsAway_AnswersAnOutage(Exception fault)
    {
        _forge.Setup(f => f.CheckoutAsync(Target.RepoUrl, "main", null, null, It.IsAny<CancellationToken>())).ThrowsAsync(fault);

        var result = await PrepareAsync();

        Assert.Equal((ErrorCodes.InternalError, true, true), (result.Failure!.Code, result.Failure.Transient, result.Failure.Outage));
        Assert.DoesNotContain(fault.Message, result.Failure.Message, StringComparison.Ordinal);
        Assert.Null(result.Unrecorded);
    }

    [Fact]
    public async Task Activity_EventsCannotBeRecorded_DoesNoWorkAndSaysSo()
    {
        _store.Setup(s => s.AppendAsync(Id, It.IsAny<IReadOnlyList<RunEvent>>(), It.IsAny<CancellationToken>()))
            .ThrowsAsync(new StorageUnavailableException(false, "away"));

        var result = await PrepareAsync();

        Assert.Equal((true, true), (result.Unrecorded, result.Failure!.Outage));
        Assert.Empty(_calls);
    }

    [Fact]
    public async Task Activity_OutageAfterTheAgentWorked_TellsWhatItUsedUp()
    {
        _agent.Setup(a => a.RunAsync(It.IsAny<AgentTask>(), It.IsAny<ICheckout>(), It.IsAny<CancellationToken>()))
            .ReturnsAsync(new AgentResult("a summary", "digest") { Usage = SomeUsage });
        _checkout.Setup(c => c.CommitAndPushAsync(It.IsAny<string>(), It.IsAny<string>(), It.IsAny<CancellationToken>()))
            .ThrowsAsync(new IOException("input/output error"));

        var result = await DocumentAsync();

        Assert.Equal((true, SomeUsage), (result.Failure!.Outage, result.Usage));
    }

    [Fact]
    public async Task Activity_ABugOfOurs_IsLeftToTheEngine()
    {
        _forge.Setup(f => f.CheckoutAsync(Target.RepoUrl, "main", null, null, It.IsAny<CancellationToken>()))
            .ThrowsAsync(new InvalidOperationException("a bug"));
        await Assert.ThrowsAsync<InvalidOperationException>(() => PrepareAsync());
    }

    [Fact]
    public async Task Activity_RemoteIsAway_IsAnOutageOnceTheRunHasReachedIt()
    {
        _forge.Setup(f => f.CheckoutAsync(Target.RepoUrl, "main", It.IsAny<string?>(), It.IsAny<string?>(), It.IsAny<CancellationToken>()))
            .ThrowsAsync(new StepException(ErrorCodes.RepositoryUnreachable, "away", transient: true) { IsOutage = true });

        Assert.Equal(new StepFailure(ErrorCodes.RepositoryUnreachable, "away", true), (await PrepareAsync()).Failure);
        Assert.Equal(
            new StepFailure(ErrorCodes.RepositoryUnreachable, "away", true) { Outage = true },
            (await CarryOutAsync(AgentDefinition.Outline)).Failure);
    }
}
