namespace QuantaPilot.Conformance.Support;

/// <summary>A scenario for servers that may ask the suite's model.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class ChatFactAttribute : FactAttribute
{
    public ChatFactAttribute()
    {
        if (!Settings.Chat) Skip = "The server does not know the suite's model (QP_CONFORMANCE_CHAT_PORT says where it does).";
    }
}
