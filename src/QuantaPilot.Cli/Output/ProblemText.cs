using QuantaPilot.Cli.Client;
using QuantaPilot.Core.Runs;
using Spectre.Console;

namespace QuantaPilot.Cli.Output;

/// <summary>Shows a refusal of the API.</summary>
internal static class ProblemText
{
    public static void Write(IAnsiConsole console, ProblemException e, bool json)
    {
        if (json)
        {
            console.Json(e.Json.Trim());
            return;
        }
        var problem = e.Problem;
        console.Line(("error: ", Styles.Bad), (problem.Detail ?? problem.Title, Styles.Plain));
        foreach (var (field, fault) in problem.Errors ?? new Dictionary<string, string>())
        {
            console.Line(("  " + field, Styles.Strong), (": " + fault, Styles.Plain));
        }
        console.Line(($"  error_code {problem.ErrorCode}, request_id {problem.RequestId}", Styles.Dim));
        if ((e.Advice ?? AdviceFor(problem.ErrorCode)) is { } advice) console.Line(advice);
    }

    private static string? AdviceFor(string errorCode) => errorCode switch
    {
        ErrorCodes.Unauthenticated => "Give a valid token with --token, or set QP_TOKEN.",
        ErrorCodes.Stale => "The branch has moved since it was reviewed: review its present head.",
        _ => null,
    };
}
