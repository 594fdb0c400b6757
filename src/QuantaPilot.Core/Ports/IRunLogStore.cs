using QuantaPilot.Core.Runs;

namespace QuantaPilot.Core.Ports;

/// <summary>
/// Where the logs of runs are kept: what agents and checks wrote while they worked. Entries go with their run. Every write is
/// durable when it returns.
/// </summary>
public interface IRunLogStore
{
    /// <summary>The most UTF-8 bytes that the text of an entry may have.</summary>
    const int MaxTextBytes = 16 * 1024;

    /// <summary>Adds entries behind all others of the run, in order.</summary>
    /// <param name="runId">The run.</param>
    /// <param name="texts">At least one.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>Their sequence numbers.</returns>
    Task<IReadOnlyList<long>> AppendAsync(RunId runId, IReadOnlyList<RunLogText> texts, CancellationToken cancellationToken);

    /// <summary>Removes entries and leaves a note in the place of the last of them. Those that are gone already are passed over.</summary>
    /// <param name="runId">The run.</param>
    /// <param name="sequences">Sequence numbers, ascending; at least one.</param>
    /// <param name="note">What takes their place.</param>
    /// <param name="cancellationToken">Ends the call; a repeat removes what is left.</param>
    Task ReplaceAsync(RunId runId, IReadOnlyList<long> sequences, RunLogText note, CancellationToken cancellationToken);

    /// <summary>Entries of a run in order.</summary>
    /// <param name="runId">The run.</param>
    /// <param name="after">Only those with a greater sequence number.</param>
    /// <param name="step">Only those of this step, or of steps below it (<c>M-001</c> has <c>M-001/1</c>); null for all.</param>
    /// <param name="limit">At most so many.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    Task<IReadOnlyList<RunLogEntry>> ReadAsync(RunId runId, long after, string? step, int limit, CancellationToken cancellationToken);

    /// <summary>Removes all entries of a run. Idempotent.</summary>
    Task DeleteOfRunAsync(RunId runId, CancellationToken cancellationToken);
}

/// <param name="At">When it was written down.</param>
/// <param name="Step">As in <see cref="AgentTask.Step"/>; for checks the id of their milestone.</param>
/// <param name="Round">1 for the first try of the step, 2 for the first rework, and so on.</param>
/// <param name="Source">Who wrote it: the name of the agent, or the command of the check.</param>
/// <param name="Text">Whole lines, without the line feed at the end.</param>
public sealed record RunLogText(DateTimeOffset At, string Step, int Round, string Source, string Text);

/// <summary>An entry in the log of a run.</summary>
/// <param name="Sequence">Its place in the log of the run, from 1. What is cut leaves a gap.</param>
/// <param name="At">When it was written down.</param>
/// <param name="Step">The step, as in the branch name; for checks the id of their milestone.</param>
/// <param name="Round">1 for the first try of the step, 2 for the first rework, and so on.</param>
/// <param name="Source">Who wrote it: the name of the agent, or the command of the check.</param>
/// <param name="Text">Whole lines, without the line feed at the end.</param>
public sealed record RunLogEntry(long Sequence, DateTimeOffset At, string Step, int Round, string Source, string Text)
{
    public static RunLogEntry Of(long sequence, RunLogText text) =>
        new(sequence, text.At, text.Step, text.Round, text.Source, text.Text);
}
