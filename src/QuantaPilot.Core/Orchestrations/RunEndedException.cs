namespace QuantaPilot.Core.Orchestrations;

/// <summary>Ends the pipeline from wherever it stands; <see cref="RunOrchestration"/> records it as <c>run_failed</c>.</summary>
internal class RunEndedException(string code, string message) : Exception(message)
{
    public string Code { get; } = code;
}
