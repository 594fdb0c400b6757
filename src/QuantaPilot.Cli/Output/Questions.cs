using Spectre.Console;

namespace QuantaPilot.Cli.Output;

internal static class Questions
{
    /// <summary>Asks the person at the terminal.</summary>
    /// <exception cref="OperationCanceledException">The question was withdrawn; what comes next begins on a line of its own.</exception>
    public static async Task<T> AskAsync<T>(this IAnsiConsole console, IPrompt<T> prompt, CancellationToken cancellationToken)
    {
        try
        {
            return await prompt.ShowAsync(console, cancellationToken);
        }
        catch (OperationCanceledException)
        {
            // The prompt leaves its last line open and, where it offers choices, the cursor hidden.
            console.Cursor.Show();
            console.Line();
            throw;
        }
    }
}
