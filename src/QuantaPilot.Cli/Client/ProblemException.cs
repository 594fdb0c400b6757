using QuantaPilot.Core.Contracts;

namespace QuantaPilot.Cli.Client;

/// <summary>The API refused, and says why.</summary>
internal sealed class ProblemException(Problem problem, string json) : Exception(problem.Detail)
{
    public Problem Problem { get; } = problem;

    /// <summary>The problem as it came.</summary>
    public string Json { get; } = json;

    /// <summary>Further sentences for the person at the command line: what to do about it.</summary>
    public string? Advice { get; init; }
}
