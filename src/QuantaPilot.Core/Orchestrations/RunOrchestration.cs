namespace QuantaPilot.Core.Orchestrations;

public static class RunOrchestration
{
    public const string Name = "run";
}
