namespace QuantaPilot.Core.Deliveries;

/// <summary>What attempts end with.</summary>
public static class DeliveryCodes
{
    public const string Delivered = "delivered";

    /// <summary>The destination could not be reached: no such host, connection refused or broken.</summary>
    public const string Unreachable = "unreachable";

    /// <summary>No answer within the time limit. The event may have arrived.</summary>
    public const string TimedOut = "timed_out";

    /// <summary>The destination asks for fewer requests.</summary>
    public const string Throttled = "throttled";

    /// <summary>The destination has a fault of its own.</summary>
    public const string Unavailable = "unavailable";

    /// <summary>The destination does not accept who sends, or no credential could be had. Tried again: a grant may come late.</summary>
    public const string Unauthorized = "unauthorized";

    /// <summary>There is no such destination at the address.</summary>
    public const string NotFound = "not_found";

    /// <summary>The event alone is larger than the destination takes.</summary>
    public const string TooLarge = "too_large";

    /// <summary>The destination finds fault with the event.</summary>
    public const string Rejected = "rejected";

    /// <summary>The destination points to another place. Nobody goes there: what it is has not been checked.</summary>
    public const string Redirected = "redirected";

    /// <summary>The destination wants no more events: its subscription is disabled.</summary>
    public const string Gone = "gone";

    /// <summary>The subscription is disabled. Nothing was sent.</summary>
    public const string Disabled = "disabled";

    /// <summary>The destination's name stands for no address that the settings allow. Nothing was sent.</summary>
    public const string AddressRefused = "address_refused";

    /// <summary>The host has no sink of that name (any more).</summary>
    public const string UnknownSink = "unknown_sink";

    /// <summary>The event is no longer in the log.</summary>
    public const string EventGone = "event_gone";

    /// <summary>A fault of ours: the host's log has it.</summary>
    public const string InternalError = "internal_error";
}
