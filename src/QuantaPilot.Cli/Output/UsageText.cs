using QuantaPilot.Core.Contracts;
using QuantaPilot.Core.Pipeline;
using QuantaPilot.Core.Runs;

namespace QuantaPilot.Cli.Output;

/// <summary>Shows what a run used up, against what it may.</summary>
internal static class UsageText
{
    /// <summary>One line for each thing that is used up or limited.</summary>
    public static IEnumerable<string> Lines(RunResource run)
    {
        if (run.Usage is null && run.Limits is null) yield break;
        var used = run.Usage ?? RunUsage.None;
        var limits = run.Limits is { } given
            ? new RunLimits(given.Tokens, given.Usd, DurationText.TryParse(given.Duration ?? "", out var duration) ? duration : null)
            : RunLimits.None;
        if (used.Tokens > 0 || limits.Tokens is not null) yield return Line("tokens", LimitName.Tokens);
        if (used.Usd > 0 || limits.Usd is not null) yield return Line("USD", LimitName.Usd);
        yield return Line("of work", LimitName.Duration);

        string Line(string what, LimitName name)
        {
            var warned = run.Warnings?.Any(warning => warning.Limit == name) == true;
            return $"{limits.Describe(name, used)} {what}{(warned ? "  (near or over its limit)" : "")}";
        }
    }
}
