namespace QuantaPilot.Conformance.Support;

/// <summary>A scenario for servers that take GitHub's webhooks.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class HookFactAttribute : FactAttribute
{
    public HookFactAttribute()
    {
        if (!Settings.Hooks) Skip = "The server's secret for GitHub's webhooks is not known (QP_CONFORMANCE_HOOK_SECRET tells it).";
    }
}
