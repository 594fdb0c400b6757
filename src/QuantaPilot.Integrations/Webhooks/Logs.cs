using Microsoft.Extensions.Logging;

namespace QuantaPilot.Integrations.Webhooks;

internal static partial class Logs
{
    [LoggerMessage(4110, LogLevel.Warning, "Subscription {Sink} is disabled: its receiver answered 410 (Gone).")]
    public static partial void Gone(ILogger logger, string sink);
}
