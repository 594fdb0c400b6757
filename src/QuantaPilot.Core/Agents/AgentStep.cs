using System.Text.RegularExpressions;

namespace QuantaPilot.Core.Agents;

/// <summary>
/// Steps in the URLs that agents answer at: <c>M-001/2</c> is <c>M-001:2</c> there, so that it is one part of a path.
/// </summary>
public static partial class AgentStep
{
    /// <summary>The step as a part of a path.</summary>
    public static string ToPathPart(string step) => step.Replace('/', ':');

    /// <returns>The step, or null if the part stands for none.</returns>
    public static string? FromPathPart(string part) => PathPart().IsMatch(part) ? part.Replace(':', '/') : null;

    // As quantapilot.yml has the ids of milestones.
    [GeneratedRegex("^[A-Za-z0-9][A-Za-z0-9._-]{0,63}(?::[0-9]{1,4})?$")]
    private static partial Regex PathPart();
}
