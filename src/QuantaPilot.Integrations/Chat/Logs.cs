using Microsoft.Extensions.Logging;
using QuantaPilot.Core.Runs;

namespace QuantaPilot.Integrations.Chat;

internal static partial class Logs
{
    [LoggerMessage(
        4300,
        LogLevel.Information,
        "Step {Step} of run {RunId} asked model {Model} of chat endpoint {Endpoint} (seed {Seed}): {Requests} requests, {Repairs} repairs, "
        + "{InputTokens} tokens in ({CachedTokens} cached), {OutputTokens} out, {Usd} USD, {Seconds} s.")]
    public static partial void Asked(
        ILogger logger,
        string step,
        RunId runId,
        string model,
        string endpoint,
        long? seed,
        int requests,
        int repairs,
        long inputTokens,
        long cachedTokens,
        long outputTokens,
        decimal usd,
        double seconds);

    [LoggerMessage(
        4301,
        LogLevel.Warning,
        "Chat endpoint {Endpoint} did not say how many tokens {Requests} requests of step {Step} of run {RunId} used up: "
        + "limits don't see them.")]
    public static partial void UsageUntold(ILogger logger, string endpoint, int requests, string step, RunId runId);
}
