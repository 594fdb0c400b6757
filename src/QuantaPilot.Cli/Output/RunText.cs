using System.Globalization;
using QuantaPilot.Core.Contracts;
using QuantaPilot.Core.Runs;
using Spectre.Console;

namespace QuantaPilot.Cli.Output;

/// <summary>Shows a run.</summary>
internal static class RunText
{
    private const int LabelWidth = 15;

    public static void Write(IAnsiConsole console, RunResource run, TimeProvider time)
    {
        Field(console, "Run", run.RunId.ToString());
        console.Line(("Status".PadRight(LabelWidth), Styles.Dim), (StatusOf(run), StyleOf(run.Status)));
        if (run.Error is { } error)
        {
            var lines = ConsoleLines.SplitLines(error.Message).ToList();
            Field(console, "Error", $"{error.ErrorCode}: {lines[0]}");
            foreach (var line in lines.Skip(1)) Field(console, "", line);
        }
        Field(console, "Repository", $"{run.RepoUrl} ({run.Branch})");
        if (run.Step is { } step && !run.Status.HasEnded()) Field(console, "Step", step + ProgressOf(run));
        Field(console, "Started", $"{LocalTime(run.CreatedAt, time)} by {run.RequestedBy}");
        if (run.EndedAt is { } ended) Field(console, "Ended", $"{LocalTime(ended, time)}, after {Duration(ended - run.CreatedAt)}");
        if (run.RetryOf is { } of) Field(console, "Retry of", of.ToString());
        if (run.RetriedBy is { } by) Field(console, "Retried by", by.ToString());
        Fields(console, "Gates", run.Gates.Select(gate => $"{gate.Gate} {Word(gate.Status)}{VotesOf(gate)}"));
        Fields(console, "Pull requests", run.PullRequests.Select(pr =>
            $"#{pr.Number} {pr.Branch} {(pr.MergeSha is { } sha ? "merged as " + Short(sha) : "open at " + Short(pr.HeadSha))}"
            + (pr.Url is null ? "" : " " + pr.Url)));
        Fields(console, "Milestones", run.Milestones.Select(m => $"{m.Id} {Word(m.Status)}{Round(m.Round)}  {m.Title}"));
        if (run.DocumentationRound is { } round) Field(console, "Documentation", $"round {round}");
        Fields(console, "Usage", UsageText.Lines(run));
    }

    /// <summary>How far the step in hand has come, to follow its name; empty if that is not known.</summary>
    public static string ProgressOf(RunResource run)
    {
        if (run.Progress is not { } progress) return "";
        // receiving_objects: what is done comes first, what is counted last.
        var (doing, unit) = (Word(progress.Doing)[..Word(progress.Doing).LastIndexOf('_')], Word(progress.Doing).Split('_')[^1]);
        var count = progress.Total is { } total ? $"{Number(progress.Done)} of {Number(total)}" : Number(progress.Done);
        return $", {doing.Replace('_', ' ')} {count} {unit}{Share(progress.Done, progress.Total)}";
    }

    private static string Share(long done, long? total) =>
        total > 0 ? string.Create(CultureInfo.InvariantCulture, $" ({Math.Min(done, total.Value) * 100 / total}%)") : "";

    private static string Number(long number) => number.ToString("N0", CultureInfo.InvariantCulture);

    /// <summary>An enum member as the API spells it.</summary>
    public static string Word<T>(T value)
        where T : struct, Enum => System.Text.Json.JsonNamingPolicy.SnakeCaseLower.ConvertName(value.ToString());

    public static string Short(string sha) => sha.Length > 10 ? sha[..10] : sha;

    public static string LocalTime(DateTimeOffset at, TimeProvider time) =>
        TimeZoneInfo.ConvertTime(at, time.LocalTimeZone).ToString("yyyy-MM-dd HH:mm:ss zzz", CultureInfo.InvariantCulture);

    public static Style StyleOf(RunStatus status) => status switch
    {
        RunStatus.Completed => Styles.Good,
        RunStatus.Failed or RunStatus.Stuck or RunStatus.Cancelled => Styles.Bad,
        RunStatus.Waiting or RunStatus.Paused or RunStatus.Pausing => Styles.Ask,
        _ => Styles.Strong,
    };

    private static string Round(int round) => round > 1 ? $", round {round}" : "";

    private static string StatusOf(RunResource run) =>
        Word(run.Status)
        + (QueueOf(run) is { } place ? $" ({place})" : "")
        + (run.StatusReason is { Length: > 0 } reason && !run.Status.HasEnded() ? $" ({reason})" : "");

    /// <summary>The place of a run in the queue; null if it has none.</summary>
    public static string? QueueOf(RunResource run) => run.QueuePosition is { } position
        ? string.Create(CultureInfo.InvariantCulture, $"place {position}")
            + (run.QueuedFor is { } limit ? $", for the limit of the {limit}" : "")
        : null;

    private static string VotesOf(GateResource gate)
    {
        var by = string.Join(", ", gate.Votes.Select(vote => vote.By));
        return gate.Status == GateStatus.Pending
            ? $", {gate.Votes.Count(vote => vote.Approved)} of {gate.ApprovalsNeeded} approvals" + (by.Length > 0 ? $" ({by})" : "")
            : by.Length > 0 ? $" by {by}" : "";
    }

    private static string Duration(TimeSpan span) => span.TotalMinutes < 1
        ? string.Create(CultureInfo.InvariantCulture, $"{span.TotalSeconds:0.0} s")
        : span.TotalDays < 1 ? $"{(int)span.TotalHours}:{span.Minutes:00}:{span.Seconds:00} h" : $"{(int)span.TotalDays} d {span.Hours} h";

    private static void Field(IAnsiConsole console, string label, string value) =>
        console.Line((label.PadRight(LabelWidth), Styles.Dim), (value, Styles.Plain));

    private static void Fields(IAnsiConsole console, string label, IEnumerable<string> values)
    {
        foreach (var value in values)
        {
            Field(console, label, value);
            label = "";
        }
    }
}
