namespace QuantaPilot.Api.Limits;

/// <summary>Which limit a request counts against.</summary>
public enum RequestKind
{
    Read,
    Write,

    /// <summary>A decision at a gate.</summary>
    Decision,

    /// <summary>The start of a run.</summary>
    Trigger,
}
