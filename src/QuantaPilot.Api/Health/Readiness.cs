namespace QuantaPilot.Api.Health;

/// <summary>Whether the host takes work: set by the host once everything has recovered, taken back when it stops.</summary>
public sealed class Readiness
{
    private volatile bool _isReady;

    public bool IsReady
    {
        get => _isReady;
        set => _isReady = value;
    }
}
