using Microsoft.Extensions.Logging;
using QuantaPilot.Core.Runs;

namespace QuantaPilot.Integrations.Tables;

/// <summary>Log messages of the stores on Azure Storage.</summary>
internal static partial class Logs
{
    [LoggerMessage(4201, LogLevel.Warning, "Whether run {RunId} is being cancelled could not be read; the next look tries again.")]
    public static partial void CancellationNotSeen(ILogger logger, Exception exception, RunId runId);

    [LoggerMessage(4202, LogLevel.Error, "What became of the start in audit entry {EntryId} could not be noted there; it stays begun.")]
    public static partial void AuditNotSettled(ILogger logger, Exception exception, string entryId);
}
