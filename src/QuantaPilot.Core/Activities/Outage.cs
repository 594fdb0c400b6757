using System.Net.Sockets;
using QuantaPilot.Core.Ports;
using QuantaPilot.Core.Runs;

namespace QuantaPilot.Core.Activities;

/// <summary>
/// Tells storage or a network that is away from faults of ours. An outage says nothing about the run, so it is answered as data that the
/// orchestration waits out; any other exception is left to the engine.
/// </summary>
internal static class Outage
{
    /// <summary>What a step ends with that an outage has outlasted.</summary>
    public static StepFailure Failure { get; } = new(
        ErrorCodes.InternalError, "The host's storage or network was away for too long; the host's log has the details.", Transient: true)
    {
        Outage = true,
    };

    public static bool Is(Exception e) => e switch
    {
        StorageUnavailableException or HttpRequestException or SocketException or IOException or TimeoutException => true,
        // How HttpClient gives up after its time limit.
        OperationCanceledException { InnerException: TimeoutException } => true,
        AggregateException all => all.InnerExceptions.All(Is),
        _ => false,
    };
}
