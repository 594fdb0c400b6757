using Microsoft.AspNetCore.Http;

namespace QuantaPilot.Api.Http;

/// <summary>What every answer carries: it is data, which no browser is to keep, guess the kind of, frame, run, or tell others of.</summary>
internal static class SecurityHeaders
{
    public static void Add(IHeaderDictionary headers)
    {
        headers.XContentTypeOptions = "nosniff";
        headers.CacheControl = "no-store";
        headers.ContentSecurityPolicy = "default-src 'none'; frame-ancestors 'none'";
        headers["Referrer-Policy"] = "no-referrer";
    }
}
