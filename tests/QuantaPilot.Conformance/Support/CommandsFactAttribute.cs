namespace QuantaPilot.Conformance.Support;

/// <summary>A scenario for servers that start programs of repositories: milestones are worked on by <c>command</c> agents.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class CommandsFactAttribute : FactAttribute
{
    public CommandsFactAttribute()
    {
        if (!Settings.Commands) Skip = "The server does not start programs (QP_CONFORMANCE_COMMANDS=1 says that it does).";
    }
}
