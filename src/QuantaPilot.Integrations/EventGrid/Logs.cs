using Microsoft.Extensions.Logging;

namespace QuantaPilot.Integrations.EventGrid;

internal static partial class Logs
{
    [LoggerMessage(
        4100,
        LogLevel.Warning,
        "The Event Grid topic {Sink} does not accept this host: it needs a valid key, or the role EventGrid Data Sender for its "
        + "identity. This is said once until a request succeeds.")]
    public static partial void Unauthorized(ILogger logger, Exception exception, string sink);

    [LoggerMessage(
        4101, LogLevel.Warning, "The Event Grid topic {Sink} rejected events (HTTP {Status}, {ErrorCode}). Does it have the CloudEvents schema?")]
    public static partial void Rejected(ILogger logger, string sink, int status, string? errorCode);
}
