namespace QuantaPilot.Core.Orchestrations;

/// <summary>An activity or sub-orchestration ended in an exception. Expected faults are data in its result instead.</summary>
public sealed class ActivityFailedException(string name, string errorType, string message)
    : Exception($"{name} failed: {message}")
{
    /// <summary>The activity or orchestration that failed.</summary>
    public string Name { get; } = name;

    /// <summary>The full name of the exception type that it threw.</summary>
    public string ErrorType { get; } = errorType;

    /// <summary>The message of the exception that it threw.</summary>
    public string ErrorMessage { get; } = message;
}
