namespace QuantaPilot.Core.Runs;

/// <summary>The closed list of error codes, shared by HTTP problems and <c>run_failed</c>.</summary>
public static class ErrorCodes
{
    // Requests
    public const string InvalidRequest = "invalid_request";
    public const string Unauthenticated = "unauthenticated";
    public const string Forbidden = "forbidden";
    public const string NotFound = "not_found";
    public const string MethodNotAllowed = "method_not_allowed";
    public const string PayloadTooLarge = "payload_too_large";
    public const string UnsupportedMediaType = "unsupported_media_type";
    public const string IdempotencyConflict = "idempotency_conflict";
    public const string InvalidState = "invalid_state";
    public const string GateNotPending = "gate_not_pending";
    public const string Stale = "stale";
    public const string SelfApproval = "self_approval";
    public const string AlreadyVoted = "already_voted";

    /// <summary>Without this token nobody could administer what it covers any more.</summary>
    public const string LastAdminToken = "last_admin_token";

    /// <summary>Too many requests; <c>Retry-After</c> says when the next one is taken.</summary>
    public const string RateLimited = "rate_limited";

    /// <summary>The host is starting or stopping, or its storage is away; <c>Retry-After</c> says when it is worth a try.</summary>
    public const string Unavailable = "unavailable";

    /// <summary>The settings do not allow this repository. Both a problem (403) and a reason for <c>run_failed</c>.</summary>
    public const string RepositoryNotAllowed = "repository_not_allowed";

    /// <summary>A fault of ours. Both a problem (500) and a reason for <c>run_failed</c>.</summary>
    public const string InternalError = "internal_error";

    // Runs
    public const string RepositoryNotFound = "repository_not_found";
    public const string RepositoryUnreachable = "repository_unreachable";
    public const string RepositoryEmpty = "repository_empty";

    /// <summary>A file name or link in the repository would lead outside the checkout.</summary>
    public const string RepositoryUnsafe = "repository_unsafe";
    public const string AuthenticationFailed = "authentication_failed";
    public const string BranchNotFound = "branch_not_found";
    public const string ConfigurationNotFound = "configuration_not_found";
    public const string ConfigurationInvalid = "configuration_invalid";
    public const string DocumentationInvalid = "documentation_invalid";
    public const string AgentNotAllowed = "agent_not_allowed";
    public const string AgentFailed = "agent_failed";
    public const string AgentTimedOut = "agent_timed_out";
    public const string ChecksFailed = "checks_failed";
    public const string PushRefused = "push_refused";
    public const string MergeConflict = "merge_conflict";

    /// <summary>The forge's own rules refuse to open, change or merge a pull request, or somebody has closed it.</summary>
    public const string PullRequestRefused = "pull_request_refused";
    public const string GateRejected = "gate_rejected";
    public const string GateTimedOut = "gate_timed_out";
    public const string Cancelled = "cancelled";
}
