namespace QuantaPilot.Conformance.Support;

/// <summary>A scenario for servers that let two runs of one project work at the same time, and no more.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class QueueFactAttribute : FactAttribute
{
    public QueueFactAttribute()
    {
        if (!Settings.Queue) Skip = "The server sets no such limit (QP_CONFORMANCE_QUEUE=1 says that it does).";
    }
}
