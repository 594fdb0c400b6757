using Microsoft.Extensions.Logging;
using QuantaPilot.Core.Runs;

namespace QuantaPilot.Api;

/// <summary>Log messages of the API. They carry ids, never tokens, secrets or free text.</summary>
internal static partial class Logs
{
    [LoggerMessage(3000, LogLevel.Error, "Request {RequestId} failed.")]
    public static partial void RequestFailed(ILogger logger, Exception exception, string requestId);

    [LoggerMessage(3001, LogLevel.Warning, "The orchestration of run {RunId} took no signal: it is gone or has ended.")]
    public static partial void SignalRefused(ILogger logger, RunId runId);

    [LoggerMessage(3002, LogLevel.Information, "Told {Count} orchestrations what they may have missed.")]
    public static partial void ToldAgain(ILogger logger, int count);

    [LoggerMessage(3003, LogLevel.Warning, "Run {RunId} could not be told what it may have missed: it does not run yet.")]
    public static partial void NotToldYet(ILogger logger, RunId runId);

    [LoggerMessage(3004, LogLevel.Error, "Request {RequestId} failed: the storage can't be used.")]
    public static partial void StorageUnavailable(ILogger logger, Exception exception, string requestId);

    [LoggerMessage(3010, LogLevel.Information, "Token {TokenId} was made with token {ById}.")]
    public static partial void TokenMade(ILogger logger, string tokenId, string byId);

    [LoggerMessage(3011, LogLevel.Information, "Token {TokenId} was revoked with token {ById}.")]
    public static partial void TokenRevoked(ILogger logger, string tokenId, string byId);

    [LoggerMessage(3012, LogLevel.Warning, "The last use of token {TokenId} could not be noted.")]
    public static partial void TokenUseNotNoted(ILogger logger, Exception exception, string tokenId);

    [LoggerMessage(3013, LogLevel.Information, "The bootstrap token of the settings is token {TokenId}.")]
    public static partial void BootstrapTokenMade(ILogger logger, string tokenId);

    [LoggerMessage(3014, LogLevel.Information, "Token {TokenId}, an earlier bootstrap token, is revoked.")]
    public static partial void BootstrapTokenRevoked(ILogger logger, string tokenId);

    [LoggerMessage(
        3015, LogLevel.Warning, "The bootstrap token of the settings is token {TokenId}, which is no valid admin token: set a new value.")]
    public static partial void BootstrapTokenRefused(ILogger logger, string tokenId);

    [LoggerMessage(3020, LogLevel.Information, "Retention: {Deleted} runs deleted, {Skipped} put off.")]
    public static partial void RetentionSwept(ILogger logger, int deleted, int skipped);

    [LoggerMessage(3021, LogLevel.Information, "Run {RunId} is deleted later: its orchestration is still being ended.")]
    public static partial void RetentionPutOff(ILogger logger, RunId runId);

    [LoggerMessage(3022, LogLevel.Warning, "Run {RunId} could not be deleted; the next sweep tries again.")]
    public static partial void RetentionFailed(ILogger logger, Exception exception, RunId runId);

    [LoggerMessage(3030, LogLevel.Information, "Subscription {SubscriptionId} was {Change} with token {ById}.")]
    public static partial void SubscriptionChanged(ILogger logger, string subscriptionId, string change, string byId);

    [LoggerMessage(3040, LogLevel.Warning, "The issuer of Entra ID tokens could not be asked for its keys.")]
    public static partial void IssuerNotAsked(ILogger logger, Exception exception);

    [LoggerMessage(3060, LogLevel.Warning, "A comment on a pull request of run {RunId} could not be answered: {Code}.")]
    public static partial void CommentNotAnswered(ILogger logger, RunId runId, string code);

    [LoggerMessage(3050, LogLevel.Error, "What became of the action in audit entry {EntryId} could not be noted there; it stays begun.")]
    public static partial void AuditNotSettled(ILogger logger, Exception exception, string entryId);
}
