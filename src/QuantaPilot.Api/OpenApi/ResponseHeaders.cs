namespace QuantaPilot.Api.OpenApi;

/// <summary>The fields in the header of answers that openapi.json describes.</summary>
internal static class ResponseHeaders
{
    /// <summary>Each with its JSON type and meaning.</summary>
    public static IReadOnlyDictionary<string, (string Type, string Description)> All { get; } = new Dictionary<string, (string, string)>
    {
        ["Location"] = ("string", "Where what was made can be looked at."),
        ["Retry-After"] = ("integer", "After how many seconds a further request makes sense."),
        ["RateLimit"] = ("string", "Where the token stands (draft-ietf-httpapi-ratelimit-headers-10); absent where there is no limit."),
        ["RateLimit-Policy"] = ("string", "The limit that the request counted against; absent where there is none."),
        ["Preference-Applied"] = ("string", "The wait that was granted."),
        ["WWW-Authenticate"] = ("string", "Asks for a bearer token."),
    };

    /// <summary>What every answer to a token has.</summary>
    public static IReadOnlyList<string> OfTokens { get; } = ["RateLimit", "RateLimit-Policy"];

    /// <summary>What a problem has.</summary>
    /// <param name="status">Its status.</param>
    public static IReadOnlyList<string> OfProblem(int status) => status switch
    {
        401 => ["WWW-Authenticate"],
        429 => ["Retry-After", .. OfTokens],
        503 => ["Retry-After"],
        _ => [],
    };
}
