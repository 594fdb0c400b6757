using System.Text;

namespace QuantaPilot.Integrations.Git;

/// <summary>
/// What a commit of ours says about its work branch, as trailers of its message. Each commit repeats the steps of those
/// before it, so that the head alone tells a shallow checkout everything.
/// </summary>
/// <param name="Branch">The work branch. A commit that reached the target keeps its trailers; this tells them from those of a later
/// branch.</param>
/// <param name="Base">The commit of the target branch that the work branch stands on.</param>
/// <param name="Steps">The steps that have their commit, oldest first.</param>
internal sealed record StepTrailers(string Branch, string Base, IReadOnlyList<string> Steps)
{
    private const string BranchKey = "QuantaPilot-Branch: ";
    private const string BaseKey = "QuantaPilot-Base: ";
    private const string StepKey = "QuantaPilot-Step: ";

    public string AppendTo(string message)
    {
        var text = new StringBuilder(message.ReplaceLineEndings("\n").Trim()).Append("\n\n");
        text.Append(BranchKey).Append(Branch).Append('\n').Append(BaseKey).Append(Base).Append('\n');
        foreach (var step in Steps) text.Append(StepKey).Append(step).Append('\n');
        return text.ToString();
    }

    /// <returns>Null if the message has no trailers of <paramref name="branch"/>.</returns>
    public static StepTrailers? Find(string message, string branch)
    {
        // Only the last paragraph counts: the text above it is the agent's and may say anything.
        var lines = message.TrimEnd('\n').Split('\n');
        var start = Array.FindLastIndex(lines, line => line.Length == 0) + 1;
        string? ofBranch = null, baseSha = null;
        var steps = new List<string>();
        foreach (var line in lines.Skip(start))
        {
            if (line.StartsWith(BranchKey, StringComparison.Ordinal)) ofBranch = line[BranchKey.Length..];
            else if (line.StartsWith(BaseKey, StringComparison.Ordinal)) baseSha = line[BaseKey.Length..];
            else if (line.StartsWith(StepKey, StringComparison.Ordinal)) steps.Add(line[StepKey.Length..]);
        }
        return ofBranch == branch && LibGit2Sharp.ObjectId.TryParse(baseSha ?? "", out _) && steps.Count > 0
            ? new StepTrailers(branch, baseSha!, steps)
            : null;
    }
}
