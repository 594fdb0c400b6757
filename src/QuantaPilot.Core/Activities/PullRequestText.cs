using System.Globalization;
using QuantaPilot.Core.Runs;

namespace QuantaPilot.Core.Activities;

/// <summary>What people read on the pages of pull requests, Markdown.</summary>
internal static class PullRequestText
{
    /// <summary>The description: what was done, then what it is for.</summary>
    /// <param name="runId">The run.</param>
    /// <param name="gate">The gate that asks about it.</param>
    /// <param name="question">What is to be reviewed.</param>
    /// <param name="summary">What was done.</param>
    public static string Body(RunId runId, string gate, string question, string summary) =>
        $"""
        {summary}

        ---
        QuantaPilot run `{runId}`, gate `{gate}`. {question} An approval counts for the head that was reviewed; QuantaPilot merges it
        when the gate allows it.
        """;

    /// <summary>What a gate has come to. The first line is ours, whatever people wrote: it is where commands are looked for.</summary>
    public static string Result(RunId runId, Gate gate, GateDecided result)
    {
        var outcome = result.Approved ? "approved" : "rejected";
        // Asked anew, it has other votes than those that this result came of.
        var votes = gate.Request == result.Request ? gate.Votes : [];
        var said = votes.Count > 0
            ? votes.Select(vote => $"- {Quote(vote.By)} {(vote.Approved ? "approved" : "rejected")}{Because(vote.Reason)}")
            : [Quote(result.Reason)];
        return $"**Gate `{result.Gate}`: {outcome}** at {gate.Review.HeadSha}\n\n{string.Join('\n', said)}\n\nQuantaPilot run `{runId}`";
    }

    /// <summary>Why a pull request is closed whose step was done anew.</summary>
    public static string Superseded(RunId runId, int by) => string.Create(
        CultureInfo.InvariantCulture,
        $"**Superseded by #{by}**: this work conflicts with what was merged meanwhile, and was done anew.\n\nQuantaPilot run `{runId}`");

    private static string Because(string? reason) => string.IsNullOrWhiteSpace(reason) ? "" : $": {Quote(reason)}";

    /// <summary>On one line, and calling nobody: whom it names has nothing to do with it.</summary>
    private static string Quote(string text) =>
        Redactor.Redact(text).ReplaceLineEndings(" ").Replace("@", "@\u200b", StringComparison.Ordinal).Trim();
}
