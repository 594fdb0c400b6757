namespace QuantaPilot.Conformance.Support;

/// <summary>A scenario for servers that count.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class MetricsFactAttribute : FactAttribute
{
    public MetricsFactAttribute()
    {
        if (!Settings.Metrics) Skip = "The server does not count (QP_CONFORMANCE_METRICS=1 says that it does).";
    }
}
