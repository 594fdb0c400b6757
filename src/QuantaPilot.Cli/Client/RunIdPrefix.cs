using QuantaPilot.Cli.CommandLine;
using QuantaPilot.Core.Runs;

namespace QuantaPilot.Cli.Client;

/// <summary>Lets a person name a run by the beginning of its id.</summary>
internal static class RunIdPrefix
{
    /// <summary>The shortest prefix that is accepted, in characters.</summary>
    public const int MinLength = 6;

    private const int PageSize = 200;

    /// <exception cref="UsageException">The text can't be an id, or several runs begin with it.</exception>
    /// <exception cref="CliException">No run begins with it.</exception>
    public static async Task<RunId> ResolveAsync(QpClient client, string text, CancellationToken cancellationToken)
    {
        var prefix = text.ToLowerInvariant();
        if (RunId.TryParse(prefix, out var whole)) return whole;
        if (prefix.Length is < MinLength or > 32 || !prefix.All(char.IsAsciiHexDigitLower))
            throw new UsageException(
                $"'{text}' is not a run id: give its 32 hexadecimal digits, or at least the first {MinLength} of them.");

        var found = new List<RunId>();
        string? cursor = null;
        do
        {
            var page = (await client.ListRunsAsync(null, null, PageSize, cursor, cancellationToken)).Value;
            found.AddRange(page.Items.Select(run => run.RunId).Where(id => id.ToString().StartsWith(prefix, StringComparison.Ordinal)));
            cursor = page.NextCursor;
        }
        while (cursor is not null);
        return found switch
        {
            [] => throw new CliException($"No run begins with {prefix}."),
            [var one] => one,
            _ => throw new UsageException(
                $"{found.Count} runs begin with {prefix}: {string.Join(", ", found.Take(5))}{(found.Count > 5 ? ", …" : "")}. Give more of the id."),
        };
    }
}
