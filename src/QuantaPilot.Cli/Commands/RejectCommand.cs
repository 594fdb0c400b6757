using System.CommandLine;
using QuantaPilot.Cli.CommandLine;
using QuantaPilot.Core.Contracts;

namespace QuantaPilot.Cli.Commands;

internal static class RejectCommand
{
    public static Command Create(CommandBuilder builder)
    {
        var run = RunArgument.Create();
        var gate = new Argument<string?>("gate")
        {
            Description = "anchor, first-merge or milestone:ID. Default: the one that waits.",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var reason = RunArgument.Reason("Why; required.");
        var headSha = new Option<string?>("--head-sha")
        {
            Description = "The commit that was reviewed: the decision is refused if the branch has moved on.",
            HelpName = "sha",
        };
        var command = new Command("reject", "Reject a gate: the run ends.") { run, gate, reason, headSha };
        command.Validators.Add(result =>
        {
            if (string.IsNullOrWhiteSpace(result.GetValue(reason))) result.AddError("--reason is missing: a rejection needs one.");
        });
        return builder.Connected(command, async call =>
        {
            var decision = new DecisionRequest(false, call.Parse.GetValue(reason), call.Parse.GetValue(headSha));
            return await GateDecisions.DecideAsync(call, await call.FindRunAsync(run), call.Parse.GetValue(gate), decision);
        });
    }
}
