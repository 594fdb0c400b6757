using QuantaPilot.Core.Runs;

namespace QuantaPilot.Core.Ports;

/// <summary>Opens logs of steps for those who write them.</summary>
public interface IRunLogs
{
    /// <summary>
    /// A log for one execution of a step. What is written to it can be read a second later, without secrets and control
    /// characters. The last 256 KiB are kept, with a note of how much was cut. Disposing it stores what is left.
    /// </summary>
    /// <param name="runId">The run.</param>
    /// <param name="step">See <see cref="RunLogText.Step"/>.</param>
    /// <param name="round">See <see cref="RunLogText.Round"/>.</param>
    /// <param name="source">See <see cref="RunLogText.Source"/>.</param>
    IRunLog Open(RunId runId, string step, int round, string source);
}

/// <summary>
/// What an agent or check writes for people to watch. A log is no part of the work: writing waits for nothing and never fails. What
/// can't be stored is kept for the next try, and what is lost in the end is a warning in the host's log.
/// </summary>
public interface IRunLog : IAsyncDisposable
{
    /// <summary>Adds one or more whole lines. May be called by several threads at once.</summary>
    void Write(string text);
}

/// <summary>Logs that nobody keeps.</summary>
public sealed class NoRunLogs : IRunLogs, IRunLog
{
    private NoRunLogs()
    {
    }

    public static NoRunLogs Instance { get; } = new();

    public IRunLog Open(RunId runId, string step, int round, string source) => this;

    public void Write(string text)
    {
        // As the name says.
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
