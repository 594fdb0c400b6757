using System.Globalization;

namespace QuantaPilot.Core.Runs;

/// <summary>
/// How work branches are called: <c>quantapilot/{run_id}/{step}</c>, and <c>….{attempt}</c> where the step was begun anew.
/// </summary>
public static class WorkBranches
{
    /// <summary>The step that writes the documentation. No milestone has this id.</summary>
    public const string Documentation = "documentation";

    private const char BeforeAttempt = '.';

    /// <param name="origin">The first run of a chain of retries.</param>
    /// <param name="step"><see cref="Documentation"/> or the id of a milestone; holds no dot.</param>
    /// <param name="attempt">Null for the first attempt, then from 2.</param>
    public static string Name(RunId origin, string step, int? attempt) => attempt is { } number
        ? string.Create(CultureInfo.InvariantCulture, $"quantapilot/{origin}/{step}{BeforeAttempt}{number}")
        : $"quantapilot/{origin}/{step}";

    /// <summary>The step that a work branch is for.</summary>
    public static string StepOf(string branch) => LastPart(branch).Split(BeforeAttempt)[0];

    /// <summary>The attempt at the step that a work branch is for; null for the first.</summary>
    public static int? AttemptOf(string branch) => LastPart(branch).Split(BeforeAttempt) is [_, var number]
        && int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var attempt) ? attempt : null;

    private static string LastPart(string branch) => branch[(branch.LastIndexOf('/') + 1)..];
}
