using QuantaPilot.Cli.CommandLine;
using QuantaPilot.Cli.Output;
using QuantaPilot.Core.Contracts;
using QuantaPilot.Core.Runs;

namespace QuantaPilot.Cli.Commands;

/// <summary>What approve and reject have in common.</summary>
internal static class GateDecisions
{
    /// <param name="call">The command in action.</param>
    /// <param name="runId">The run.</param>
    /// <param name="gateName">The gate, or null for the one that is pending.</param>
    /// <param name="decision">The decision.</param>
    public static async Task<int> DecideAsync(CommandCall call, RunId runId, string? gateName, DecisionRequest decision)
    {
        var gate = gateName ?? await FindPendingAsync(call, runId);
        var answer = await call.Client.DecideAsync(runId, gate, decision, call.CancellationToken);
        if (call.Json) call.Environment.Out.Json(answer.Json);
        else call.Environment.Out.Line(Describe(answer.Value));
        if (call.Connection.InProcess && answer.Value.Result == VoteResult.Applied)
            call.Environment.Error.Line(
                $"No server runs over {call.Connection.DataDirectory}. Carry the run on with: {call.Hint($"resume {runId}")}");
        return ExitCodes.Done;
    }

    private static async Task<string> FindPendingAsync(CommandCall call, RunId runId)
    {
        var run = (await call.Client.GetRunAsync(runId, call.CancellationToken)).Value;
        return run.Gates.FirstOrDefault(gate => gate.Status == GateStatus.Pending && !run.Status.HasEnded())?.Gate
            ?? throw new CliException($"Run {runId} waits at no gate: it is {RunText.Word(run.Status)}.");
    }

    private static string Describe(DecisionAnswer answer)
    {
        var gate = answer.Gate;
        return answer.Result switch
        {
            VoteResult.Recorded => $"{gate.Gate}: recorded, {gate.Votes.Count(vote => vote.Approved)} of {gate.ApprovalsNeeded} approvals.",
            VoteResult.AlreadyDecided => $"{gate.Gate} was {RunText.Word(gate.Status)} before; nothing changed.",
            _ => $"{gate.Gate} is {RunText.Word(gate.Status)}.",
        };
    }
}
