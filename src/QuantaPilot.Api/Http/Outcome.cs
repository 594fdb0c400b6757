using System.Diagnostics.CodeAnalysis;

namespace QuantaPilot.Api.Http;

/// <summary>A value, or the problem that there is none.</summary>
internal readonly struct Outcome<T>
    where T : class
{
    private readonly T? _value;
    private readonly ProblemResult? _problem;

    private Outcome(T? value, ProblemResult? problem)
    {
        _value = value;
        _problem = problem;
    }

    public static implicit operator Outcome<T>(T value) => new(value, null);

    public static implicit operator Outcome<T>(ProblemResult problem) => new(null, problem);

    public bool Succeeded([NotNullWhen(true)] out T? value, [NotNullWhen(false)] out ProblemResult? problem)
    {
        value = _value;
        problem = _problem;
        return value is not null;
    }
}
