namespace QuantaPilot.Api.Access;

/// <summary>Who makes a request, or why nobody knows.</summary>
internal sealed class Authentication
{
    private Authentication(Caller? caller, string? fault)
    {
        Caller = caller;
        Fault = fault;
    }

    /// <summary>There is no token.</summary>
    public static Authentication Missing { get; } = new(null, null);

    /// <summary>It takes the issuer to tell, which can't be asked at present: the caller may be whom they say.</summary>
    public static Authentication Undecided { get; } = new(null, null);

    public Caller? Caller { get; }

    /// <summary>What is wrong with the token, in words that tell nothing else.</summary>
    public string? Fault { get; }

    public static Authentication As(Caller caller) => new(caller, null);

    public static Authentication Refused(string fault) => new(null, fault);
}
