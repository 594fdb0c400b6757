using QuantaPilot.Core.Runs;

namespace QuantaPilot.Api.OpenApi;

/// <summary>The HTTP status that a problem of each error code has.</summary>
internal static class ProblemStatus
{
    public static int Of(string errorCode) => errorCode switch
    {
        ErrorCodes.InvalidRequest => 400,
        ErrorCodes.Unauthenticated => 401,
        ErrorCodes.Forbidden or ErrorCodes.RepositoryNotAllowed or ErrorCodes.SelfApproval => 403,
        ErrorCodes.NotFound => 404,
        ErrorCodes.MethodNotAllowed => 405,
        ErrorCodes.InvalidState or ErrorCodes.GateNotPending or ErrorCodes.Stale or ErrorCodes.AlreadyVoted
            or ErrorCodes.LastAdminToken => 409,
        ErrorCodes.PayloadTooLarge => 413,
        ErrorCodes.UnsupportedMediaType => 415,
        ErrorCodes.IdempotencyConflict => 422,
        ErrorCodes.RateLimited => 429,
        ErrorCodes.InternalError => 500,
        ErrorCodes.Unavailable => 503,
        _ => throw new ArgumentOutOfRangeException(nameof(errorCode), errorCode, "No problem has this error code."),
    };
}
