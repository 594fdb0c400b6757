using System.CommandLine;
using QuantaPilot.Cli.CommandLine;
using QuantaPilot.Core.Contracts;

namespace QuantaPilot.Cli.Commands;

internal static class ApproveCommand
{
    public static Command Create(CommandBuilder builder)
    {
        var run = RunArgument.Create();
        var gate = new Argument<string?>("gate")
        {
            Description = "anchor, first-merge or milestone:ID. Default: the one that waits.",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var reason = RunArgument.Reason("Why, for the record.");
        var headSha = new Option<string?>("--head-sha")
        {
            Description = "The commit that was reviewed: the decision is refused if the branch has moved on.",
            HelpName = "sha",
        };
        return builder.Connected(new Command("approve", "Approve a gate.") { run, gate, reason, headSha }, async call =>
        {
            var decision = new DecisionRequest(true, call.Parse.GetValue(reason), call.Parse.GetValue(headSha));
            return await GateDecisions.DecideAsync(call, await call.FindRunAsync(run), call.Parse.GetValue(gate), decision);
        });
    }
}
