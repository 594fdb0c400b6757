namespace QuantaPilot.Conformance.Support;

/// <summary>A scenario for servers that give tasks to the suite's agent elsewhere.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class AgentFactAttribute : FactAttribute
{
    public AgentFactAttribute()
    {
        if (!Settings.Agent) Skip = "The server does not know the suite's agent (QP_CONFORMANCE_AGENT_PORT says where it does).";
    }
}
