using System.Text;
using Microsoft.Extensions.Time.Testing;
using Moq;
using QuantaPilot.Core.Activities;
using QuantaPilot.Core.Deliveries;
using QuantaPilot.Core.Orchestrations;
using QuantaPilot.Core.Ports;
using QuantaPilot.Core.Runs;

namespace QuantaPilot.Core.Tests.Deliveries;

/// <summary>The parts of event delivery around scripted sinks, on a clock that the test moves. No engine runs what is started.</summary>
internal sealed class DeliveryWorld
{
    public static readonly RunId Id = RunId.Parse("019b0000aaaa7000800080000000c0de");

    private readonly SinkSender _sender;
    private readonly EventSinks _sinks;

    public DeliveryWorld(params ScriptedSink[] sinks)
    {
        Circuits = new SinkCircuits(Options, Time);
        _sinks = new EventSinks(sinks);
        _sender = new SinkSender(Circuits, Time, CheckedLogger.For<SinkSender>());
        Client.Setup(c => c.StartAsync(DeliveryOrchestration.Name, It.IsAny<string>(), It.IsAny<object?>(), It.IsAny<CancellationToken>()))
            .ReturnsAsync((string _, string id, object? input, CancellationToken _) => Started.TryAdd(id, (DeliveryInput)input!));
        Log.Setup(l => l.ReadEventsAsync(Id, It.IsAny<long>(), It.IsAny<int>(), It.IsAny<CancellationToken>()))
            .ReturnsAsync((RunId _, long after, int limit, CancellationToken _) =>
                [.. Logged.Where(sequence => sequence > after).Take(limit).Select(Event)]);
        Handover = NewHandover();
    }

    public FakeTimeProvider Time { get; } = new(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));

    public DeliveryOptions Options { get; } = new();

    public InMemoryDeliveryStore Store { get; } = new();

    public SinkCircuits Circuits { get; }

    public Mock<IOrchestrationClient> Client { get; } = new();

    public Mock<IRunStore> Log { get; } = new();

    /// <summary>The orchestrations that were started.</summary>
    public Dictionary<string, DeliveryInput> Started { get; } = [];

    /// <summary>The sequence numbers in the log.</summary>
    public List<long> Logged { get; } = [1, 2, 3, 4, 5];

    public EventHandover Handover { get; private set; }

    public DeliveryActivities Activities =>
        new(Log.Object, Store, _sinks, _sender, Options, Time, CheckedLogger.For<DeliveryActivities>());

    public RunSnapshot Run { get; } = new()
    {
        RunId = Id,
        RepoUrl = "https://example.com/org/project.git",
        Project = "https://example.com/org/project",
        Branch = "main",
        CorrelationId = "0b5d6c1e-6d55-4a2b-8a44-0d1f0e3c9a10",
        RequestedBy = "alice",
        RequestDigest = "",
        CreatedAt = DateTimeOffset.UnixEpoch,
    };

    /// <summary>Public events with these sequence numbers, and one that is not public.</summary>
    public static IReadOnlyList<RunEvent> Events(params long[] sequences) =>
    [
        .. sequences.Select(sequence => new RunResumed { Revision = sequence * 2, Sequence = sequence }),
        new StepStarted("prepare") { Revision = 1 },
    ];

    public Task HandOverAsync(params long[] sequences) => Handover.HandOverAsync(Run, Events(sequences), default);

    /// <summary>Forgets what a process has in memory, except how its sinks are.</summary>
    public void Restart() => Handover = NewHandover();

    private EventHandover NewHandover() =>
        new(_sinks, _sender, Circuits, Store, Client.Object, Options, Time, CheckedLogger.For<EventHandover>());

    private static LoggedEvent Event(long sequence) =>
        new(sequence, Id, sequence, "p", Encoding.UTF8.GetBytes($"{{\"sequence\":{sequence}}}"));
}
