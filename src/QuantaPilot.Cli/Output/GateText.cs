using QuantaPilot.Cli.CommandLine;
using QuantaPilot.Core.Contracts;
using Spectre.Console;

namespace QuantaPilot.Cli.Output;

/// <summary>Shows a gate: what is to be reviewed, and how.</summary>
internal static class GateText
{
    private const int LabelWidth = 14;

    /// <summary>Of a summary on a terminal that is hardly wider than the labels.</summary>
    private const int MinWidth = 20;

    public static void Write(IAnsiConsole console, GateResource gate, string repoUrl, string branch, TimeProvider time)
    {
        console.Line();
        console.Line(($"Gate {gate.Gate}", Styles.Ask), (": " + gate.Description, Styles.Strong));
        var pullRequest = gate.Review.PullRequest;
        Field(console, "Pull request", $"#{pullRequest.Number}, {pullRequest.Branch} into {branch}");
        if (pullRequest.Url is { } url) Field(console, "Page", url);
        Field(console, "Head", gate.Review.HeadSha);
        if (gate.Review.Digest is { } digest) Field(console, "Digest", digest);
        if (gate.ApprovalsNeeded > 1)
            Field(console, "Approvals", $"{gate.Votes.Count(vote => vote.Approved)} of {gate.ApprovalsNeeded}");
        Field(console, "Waits until", RunText.LocalTime(gate.ExpiresAt, time));
        var label = "Summary";
        var width = console.Profile.Out.IsTerminal ? Math.Max(console.Profile.Width - LabelWidth - 2, MinWidth) : int.MaxValue;
        foreach (var line in ConsoleLines.SplitLines(gate.Review.Summary).SelectMany(line => ConsoleLines.Wrap(line, width)))
        {
            Field(console, label, line);
            label = "";
        }
        Field(console, "Look at it", LookAt(repoUrl, branch, pullRequest.Branch));
        console.Line();
    }

    /// <summary>A command that shows the change from anywhere, without a clone at hand.</summary>
    private static string LookAt(string repoUrl, string branch, string workBranch) =>
        $"git clone {Shell.Quote(repoUrl)} review && git -C review diff {Shell.Quote($"origin/{branch}...origin/{workBranch}")}";

    private static void Field(IAnsiConsole console, string label, string value) =>
        console.Line(("  " + label.PadRight(LabelWidth), Styles.Dim), (value, Styles.Plain));
}
