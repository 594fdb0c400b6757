using QuantaPilot.Cli.Output;
using QuantaPilot.Core.Contracts;
using Spectre.Console;

namespace QuantaPilot.Cli.Runs;

/// <summary>What a gate is answered with; null for later.</summary>
internal delegate Task<DecisionRequest?> GateAnswer(GateResource gate, CancellationToken cancellationToken);

/// <summary>Asks the person at the terminal.</summary>
internal static class GatePrompt
{
    private const string Approve = "Approve";
    private const string Reject = "Reject";
    private const string Later = "Later";

    /// <exception cref="OperationCanceledException">The question no longer stands.</exception>
    public static async Task<DecisionRequest?> AskAsync(IAnsiConsole console, GateResource gate, CancellationToken cancellationToken)
    {
        var question = new SelectionPrompt<string>()
            .Title($"[yellow]{Markup.Escape(ConsoleLines.Clean(gate.Gate))}[/]?")
            .AddChoices(Approve, Reject, Later);
        var choice = await console.AskAsync(question, cancellationToken);
        if (choice == Later) return null;
        string? reason = null;
        if (choice == Reject)
        {
            var ask = new TextPrompt<string>("Why?").Validate(text => text.Trim().Length > 0, "A rejection needs a reason.");
            reason = (await console.AskAsync(ask, cancellationToken)).Trim();
        }
        return new DecisionRequest(choice == Approve, reason, gate.Review.HeadSha);
    }

    /// <summary>Says yes to everything, for the head that is asked about.</summary>
    public static Task<DecisionRequest?> ApproveAsync(GateResource gate, CancellationToken cancellationToken) =>
        Task.FromResult<DecisionRequest?>(new DecisionRequest(true, null, gate.Review.HeadSha));
}
