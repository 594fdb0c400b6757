using QuantaPilot.Core.Contracts;
using QuantaPilot.Core.Runs;

namespace QuantaPilot.Cli.CommandLine;

/// <summary>How <c>qp</c> ends.</summary>
internal static class ExitCodes
{
    public const int Done = 0;

    /// <summary>The run failed, the server refused or can't be reached.</summary>
    public const int Failed = 1;

    /// <summary>The command line is wrong.</summary>
    public const int WrongUse = 2;

    /// <summary>A person said no: the run was rejected at a gate or cancelled.</summary>
    public const int Rejected = 3;

    /// <summary>Stopped by a signal before the end, as shells report SIGINT.</summary>
    public const int Interrupted = 130;

    /// <summary>The exit code that tells how a run ended; <see cref="Done"/> for one that has not.</summary>
    public static int For(RunResource run) => run.Status switch
    {
        RunStatus.Cancelled => Rejected,
        RunStatus.Failed => run.Error?.ErrorCode == ErrorCodes.GateRejected ? Rejected : Failed,
        RunStatus.Stuck => Failed,
        _ => Done,
    };
}
