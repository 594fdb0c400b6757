using System.Globalization;
using Microsoft.AspNetCore.Http;
using QuantaPilot.Api.Access;
using QuantaPilot.Api.Http;
using QuantaPilot.Core.Ports;
using QuantaPilot.Core.Runs;

namespace QuantaPilot.Api.Limits;

/// <summary>
/// Refuses what is too much. Answers say where the caller stands in the fields <c>RateLimit</c> and <c>RateLimit-Policy</c> of
/// draft-ietf-httpapi-ratelimit-headers-10.
/// </summary>
internal sealed class RequestLimits
{
    private readonly IRateLimiter _limiter;
    private readonly TimeProvider _time;
    private readonly int _trustedProxies;
    private readonly Policy?[] _byKind = new Policy?[Enum.GetValues<RequestKind>().Length];
    private readonly Policy? _failedAuthentications;

    /// <exception cref="ArgumentOutOfRangeException">An option is out of its range.</exception>
    public RequestLimits(IRateLimiter limiter, RateLimitOptions options, TimeProvider time)
    {
        options.Validate();
        _limiter = limiter;
        _time = time;
        _trustedProxies = options.TrustedProxies;
        _byKind[(int)RequestKind.Read] = Policy.Create("reads", options.ReadsPerMinute);
        _byKind[(int)RequestKind.Write] = Policy.Create("writes", options.WritesPerMinute);
        _byKind[(int)RequestKind.Decision] = Policy.Create("decisions", options.DecisionsPerMinute);
        _byKind[(int)RequestKind.Trigger] = Policy.Create("triggers", options.TriggersPerMinute);
        _failedAuthentications = Policy.Create("failed-authentications", options.FailedAuthenticationsPerMinute);
    }

    /// <summary>Counts a request of a token.</summary>
    /// <returns>The problem if there have been too many.</returns>
    public async ValueTask<ProblemResult?> CountAsync(HttpContext context, RequestKind kind, Caller caller)
    {
        if (_byKind[(int)kind] is not { } policy) return null;
        var answer = await _limiter.TakeAsync(caller.TokenId, policy.Limit, _time.GetUtcNow(), context.RequestAborted);
        Show(context, policy, answer);
        return answer.Allowed
            ? null
            : Refuse(context, answer, $"This token has used up its {policy.Limit.Count} {policy.Limit.Name} per minute.");
    }

    /// <summary>
    /// Counts a request without a valid token. It is counted after the token was looked up: a valid one has to work from an
    /// address that it shares with others, and a guess at 256 random bits gains nothing from a further try.
    /// </summary>
    /// <returns>The problem if there have been too many.</returns>
    public async ValueTask<ProblemResult?> CountFailedAuthenticationAsync(HttpContext context)
    {
        if (_failedAuthentications is not { } policy) return null;
        var address = ClientAddress.Of(context, _trustedProxies);
        var answer = await _limiter.TakeAsync(address, policy.Limit, _time.GetUtcNow(), context.RequestAborted);
        if (answer.Allowed) return null;
        Show(context, policy, answer);
        return Refuse(context, answer, "Too many requests without a valid token have come from this address.");
    }

    private static void Show(HttpContext context, Policy policy, RateLimitAnswer answer)
    {
        var until = answer.Allowed ? answer.Reset : answer.RetryAfter;
        var headers = context.Response.Headers;
        headers["RateLimit-Policy"] = policy.Header;
        headers["RateLimit"] = string.Create(
            CultureInfo.InvariantCulture, $"\"{policy.Limit.Name}\";r={answer.Remaining};t={Seconds(until)}");
    }

    private static ProblemResult Refuse(HttpContext context, RateLimitAnswer answer, string detail)
    {
        var seconds = Seconds(answer.RetryAfter);
        context.Response.Headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);
        return new ProblemResult(StatusCodes.Status429TooManyRequests, ErrorCodes.RateLimited, $"{detail} Try again in {seconds} s.");
    }

    /// <summary>Rounded up: a client that comes back then must find a permit.</summary>
    private static long Seconds(TimeSpan time) => Math.Max(1, (time.Ticks + TimeSpan.TicksPerSecond - 1) / TimeSpan.TicksPerSecond);

    private sealed record Policy(RateLimit Limit, string Header)
    {
        public static Policy? Create(string name, int perMinute) => perMinute == 0
            ? null
            : new Policy(
                new RateLimit(name, perMinute, TimeSpan.FromMinutes(1), perMinute),
                string.Create(CultureInfo.InvariantCulture, $"\"{name}\";q={perMinute};w=60"));
    }
}
