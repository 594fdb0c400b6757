using System.Globalization;
using Microsoft.AspNetCore.Http;
using QuantaPilot.Api.Http;
using QuantaPilot.Core.Contracts;
using QuantaPilot.Core.Orchestrations;
using QuantaPilot.Core.Pipeline;
using QuantaPilot.Core.Runs;

namespace QuantaPilot.Api.Runs;

/// <summary>The limits that a resume raises, and whether the run can go on with them.</summary>
internal static class ResumeLimits
{
    /// <summary>As for quantapilot.yml.</summary>
    private const long MaxTokens = 1_000_000_000_000;

    private const decimal MaxUsd = 1_000_000;

    /// <param name="run">The paused run.</param>
    /// <param name="request">The new values; null for none.</param>
    /// <param name="problem">Why the run can't be resumed like that; null if it can.</param>
    /// <returns>What the run is to be told; null if nothing is raised.</returns>
    public static LimitsRaise? Read(RunSnapshot run, LimitsResource? request, out ProblemResult? problem)
    {
        var (used, limits) = (run.Usage ?? RunUsage.None, run.Limits ?? RunLimits.None);
        problem = null;
        if (request is null)
        {
            if (limits.FindExcess(used) is not { } excess) return null;
            var needed = string.Join(
                " and ", limits.OverrunBy(used).Select(name => $"limits.{RunLimits.Word(name)} above {Amount(name, used)}"));
            problem = Conflict(run, $"Resume does not apply: {excess}. Give {needed}.");
            return null;
        }
        if (run.Limits is null)
        {
            problem = Conflict(run, "Limits can't be raised: the run keeps no account of what it uses up, or not yet.");
            return null;
        }
        var errors = new Dictionary<string, string>(StringComparer.Ordinal);
        var raise = Read(request, errors);
        if (errors.Count == 0)
        {
            foreach (var name in raise.ApplyTo(limits).OverrunBy(used).Concat(Exhausted(raise, used)))
                errors[$"limits.{RunLimits.Word(name)}"] = $"must be above {Amount(name, used)}, which is used up already";
        }
        if (errors.Count == 0) return raise;
        problem = ProblemResult.Invalid(errors);
        return null;
    }

    private static LimitsRaise Read(LimitsResource request, Dictionary<string, string> errors)
    {
        TimeSpan duration = default;
        if (request.Duration is { } text && !DurationText.TryParse(text, out duration))
            errors["limits.duration"] = $"must be {DurationText.Accepted}";
        if (request.Tokens is < 1 or > MaxTokens) errors["limits.tokens"] = $"must be a whole number from 1 to {MaxTokens}";
        if (request.Usd is { } usd && (usd is <= 0 or > MaxUsd || usd != decimal.Round(usd, 2)))
            errors["limits.usd"] = $"must be an amount from 0.01 to {MaxUsd} with at most two decimals";
        return new LimitsRaise(request.Tokens, request.Usd, request.Duration is null ? null : duration);
    }

    /// <summary>New values that leave nothing to use up.</summary>
    private static IEnumerable<LimitName> Exhausted(LimitsRaise raise, RunUsage used)
    {
        if (raise.Tokens <= used.Tokens) yield return LimitName.Tokens;
        if (raise.Usd <= used.Usd) yield return LimitName.Usd;
        if (raise.Duration <= TimeSpan.FromSeconds(used.Seconds)) yield return LimitName.Duration;
    }

    private static string Amount(LimitName name, RunUsage used) => name switch
    {
        LimitName.Tokens => used.Tokens.ToString(CultureInfo.InvariantCulture),
        LimitName.Usd => used.Usd.ToString(CultureInfo.InvariantCulture),
        _ => string.Create(CultureInfo.InvariantCulture, $"{Math.Ceiling(used.Seconds)}s"),
    };

    private static ProblemResult Conflict(RunSnapshot run, string detail) =>
        new(StatusCodes.Status409Conflict, ErrorCodes.InvalidState, detail, run.RunId);
}
