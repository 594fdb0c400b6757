namespace QuantaPilot.Core.Pipeline;

/// <summary>Something wrong in a quantapilot.yml.</summary>
/// <param name="Line">Where, counted from 1.</param>
/// <param name="Column">Where in the line, counted from 1 in UTF-16 code units, as editors do.</param>
/// <param name="Path">The member, e.g. <c>gates.anchor.timeout</c>; empty for the file as a whole.</param>
/// <param name="Message">What is wrong and what is accepted. It repeats values of the file, without secrets and addresses.</param>
public sealed record PipelineFault(int Line, int Column, string Path, string Message)
{
    /// <summary>As runs name it.</summary>
    public override string ToString() => Path.Length == 0 ? $"line {Line}: {Message}" : $"line {Line}: {Path}: {Message}";
}

/// <summary>What a quantapilot.yml was read as.</summary>
/// <param name="Pipeline">What it says; null if there are faults.</param>
/// <param name="Faults">What is wrong, in the order in which it was found; empty if nothing is.</param>
public sealed record PipelineReading(PipelineDefinition? Pipeline, IReadOnlyList<PipelineFault> Faults);
