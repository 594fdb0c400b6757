using System.Text.Json.Serialization;
using QuantaPilot.Core.Contracts;

namespace QuantaPilot.Core.Ports;

/// <summary>
/// Is told how far a step has come, for people who look at the run. It is kept in memory by the process that carries the
/// step out, and forgotten with the step: nothing is stored for it.
/// </summary>
public interface IStepProgress
{
    /// <summary>Cheap enough for every item, and callable from any thread of the step. Outside of a step it is ignored.</summary>
    /// <param name="doing">What is being done.</param>
    /// <param name="done">How many are done.</param>
    /// <param name="total">Of how many; null if that is not known.</param>
    void Report(ProgressKind doing, long done, long? total);
}

/// <summary>How far the step in hand has come.</summary>
/// <param name="Doing">What is being done.</param>
/// <param name="Done">How many are done.</param>
/// <param name="Total">Of how many; null if that is not known.</param>
public sealed record StepProgress(ProgressKind Doing, long Done, long? Total);

/// <summary>What takes time in a step, with what is counted.</summary>
[JsonConverter(typeof(SnakeCaseEnumConverter<ProgressKind>))]
public enum ProgressKind
{
    ReceivingObjects,
    CheckingOutFiles,
    ReadingFiles,
    PushingObjects,
}

/// <summary>For work whose progress nobody looks at.</summary>
public sealed class NoProgress : IStepProgress
{
    public static NoProgress Instance { get; } = new();

    public void Report(ProgressKind doing, long done, long? total)
    {
        // Nobody looks.
    }
}
