namespace QuantaPilot.Engine.Execution;

/// <summary>What a turn did, to be committed as one.</summary>
/// <param name="Events">Its history.</param>
/// <param name="End">How it ended the execution; null if that goes on.</param>
/// <param name="NextStart">Turn 0 of the execution that follows, if it continued as new.</param>
/// <param name="NextDue">The earliest timer still open.</param>
/// <param name="OpenActivities">How many activities are without an answer.</param>
internal sealed record Turn(
    List<HistoryEvent> Events, EndEvent? End, List<HistoryEvent>? NextStart, DateTimeOffset? NextDue, int OpenActivities);
