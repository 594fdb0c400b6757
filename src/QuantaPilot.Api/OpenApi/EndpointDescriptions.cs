using System.Collections.Frozen;
using QuantaPilot.Core.Runs;
using static QuantaPilot.Api.OpenApi.RequestParameter;

namespace QuantaPilot.Api.OpenApi;

/// <summary>What openapi.json says of each endpoint. One that is missing here fails a test.</summary>
internal static class EndpointDescriptions
{
    private static readonly RequestParameter _limit = Query("limit", "limit");
    private static readonly RequestParameter _cursor = Query("cursor", "cursor");

    public static IReadOnlyDictionary<string, string> Tags { get; } = new Dictionary<string, string>
    {
        ["Runs"] = "Starting, watching and controlling runs.",
        ["Gates"] = "What waits for people, and their decisions.",
        ["Events"] = "What happens to runs, as lists and live.",
        ["Tokens"] = "API tokens for people and systems.",
        ["Deliveries"] = "Events on their way to the host's sinks.",
        ["Subscriptions"] = "Webhooks: events posted to URLs, signed as Standard Webhooks has it.",
        ["Audit"] = "Who did what when.",
        ["Hooks"] = "What forges tell.",
        ["Host"] = "About the host itself.",
    };

    /// <summary>By the names of the endpoints.</summary>
    public static FrozenDictionary<string, EndpointDescription> All { get; } = new Dictionary<string, EndpointDescription>
    {
        ["StartRun"] = new("Runs", "Start a run")
        {
            Details = "The run is stored when this is answered. With an Idempotency-Key, repeats of the same request give the same run.",
            Parameters = [Header("Idempotency-Key", "idempotency_key")],
            Body = "run_request",
            Status = 202,
            Answer = "run_accepted",
            Headers = ["Location", "Retry-After"],
            Problems = [ErrorCodes.RepositoryNotAllowed, ErrorCodes.IdempotencyConflict],
        },
        ["ListRuns"] = new("Runs", "List runs")
        {
            Parameters =
            [
                Query("status", "run_status", "Only runs in this status."),
                Query("project", "repository_url", "Only runs on this repository, with or without .git."),
                Query("correlation_id", "correlation_id", "Only runs of this correlation id."),
                _limit,
                _cursor,
            ],
            Answer = "run_page",
        },
        ["GetRun"] = new("Runs", "Look at a run")
        {
            Parameters = [Header("Prefer", "prefer")],
            Answer = "run",
            Headers = ["Preference-Applied"],
        },
        ["PauseRun"] = new("Runs", "Pause a run")
        {
            Details = "The run is `pausing` until the step in hand has ended.",
            Body = "control_request",
            BodyIsOptional = true,
            Status = 202,
            Answer = "run",
            Problems = [ErrorCodes.InvalidState],
        },
        ["ResumeRun"] = new("Runs", "Resume a run")
        {
            Details = "A run that paused over one of its limits goes on only with a higher one.",
            Body = "resume_request",
            BodyIsOptional = true,
            Status = 202,
            Answer = "run",
            Problems = [ErrorCodes.InvalidState],
        },
        ["CancelRun"] = new("Runs", "Cancel a run")
        {
            Details = "Work in progress is stopped. It ends with `run_failed` and the code `cancelled`.",
            Body = "control_request",
            BodyIsOptional = true,
            Status = 202,
            Answer = "run",
            Problems = [ErrorCodes.InvalidState],
        },
        ["RetryRun"] = new("Runs", "Retry a run")
        {
            Details = "Starts a run that begins at the first step that this one has not finished, with quantapilot.yml as it is at the "
                + "branch's present head. For a run that failed or was cancelled, once: a retry that failed is retried itself.",
            Parameters =
            [
                Header("Idempotency-Key", "idempotency_key", "The same key starts or finds the same retry; without it a repeat gets 409."),
            ],
            Body = "retry_request",
            BodyIsOptional = true,
            Status = 202,
            Answer = "run_accepted",
            Headers = ["Location", "Retry-After"],
            Problems = [ErrorCodes.InvalidState, ErrorCodes.RepositoryNotAllowed],
        },
        ["ListRunLogs"] = new("Runs", "Read what agents and checks wrote")
        {
            Details = "Output of work in progress is there about a second later: poll with `after` to follow it. Of each execution of a "
                + "step the last 256 KiB are kept. With `Accept: text/plain` it is one text, to its present end.",
            Parameters =
            [
                Query("after", "after_log_sequence"),
                Query("cursor", "after_log_sequence", "The next_cursor of a page: the same as after."),
                Query("step", "log_step", "Only what this step wrote, or steps below it."),
                _limit,
            ],
            Answer = "run_log_page",
            OtherAnswer = ("text/plain", "run_log_text"),
        },
        ["AnswerAgentTask"] = new("Runs", "Answer a task, as an agent elsewhere")
        {
            Details = "The callback URL of a task. Not by token: signed as Standard Webhooks has it, with the secret of the agent. With "
                + "`running` a message goes to the log of the run; `succeeded` and `failed` answer the task, once: a repeat to the byte is "
                + "confirmed again, another answer is 409. Durable when it is confirmed; repeat it until it is. Up to 4 MiB.",
            Parameters =
            [
                Header("webhook-id", "webhook_id"),
                Header("webhook-timestamp", "webhook_timestamp"),
                Header("webhook-signature", "webhook_signature"),
            ],
            Body = "agent_callback",
            Answer = "agent_callback_answer",
            Problems = [ErrorCodes.InvalidState],
        },
        ["ListGates"] = new("Gates", "List the gates that wait")
        {
            Parameters = [Query("status", "pending"), _limit, _cursor],
            Answer = "gate_page",
        },
        ["DecideGates"] = new("Gates", "Decide at many gates")
        {
            Details = "Each decision is taken and answered on its own.",
            Body = "batch_decision_request",
            Answer = "batch_decision_answers",
        },
        ["ListRunGates"] = new("Gates", "List the gates of a run") { Answer = "gate_page" },
        ["DecideGate"] = new("Gates", "Decide at a gate")
        {
            Details = "Answered once the decision is durable. An approval counts for the head that was reviewed.",
            Body = "decision_request",
            Answer = "decision_answer",
            Problems = [ErrorCodes.SelfApproval, ErrorCodes.GateNotPending, ErrorCodes.Stale, ErrorCodes.AlreadyVoted],
        },
        ["ListRunEvents"] = new("Events", "List or follow the events of a run")
        {
            Details = "With `Accept: text/event-stream` the stream goes on live until the last event of the run.",
            Parameters =
            [
                Query("after", "after_sequence"),
                Query("cursor", "after_sequence", "The next_cursor of a page: the same as after."),
                Query("events", "event_names"),
                _limit,
                Header("Last-Event-ID", "after_sequence", "What a stream goes on after: the id of the last event of it that was seen."),
            ],
            Answer = "event_page",
            Streams = true,
        },
        ["StreamEvents"] = new("Events", "Follow the events of all runs")
        {
            Details = "Of the runs that the token's projects cover. It never ends by itself.",
            Parameters =
            [
                Query("after", "after_event", "Default: the stream begins now."),
                Query("events", "event_names"),
                Query("project", "repository_url", "Only events of runs on this repository, with or without .git."),
                Header("Last-Event-ID", "after_event", "The same as after, and goes before it."),
            ],
            Streams = true,
        },
        ["CreateToken"] = new("Tokens", "Make a token")
        {
            Details = "The answer is the only one that ever holds the token itself. It reaches no further than the token that asks.",
            Body = "token_request",
            Status = 201,
            Answer = "token_created",
        },
        ["ListTokens"] = new("Tokens", "List tokens") { Answer = "token_page" },
        ["RevokeToken"] = new("Tokens", "Revoke a token")
        {
            Details = "It is refused from then on, and its streams end. A repeat changes nothing.",
            Status = 204,
            Problems = [ErrorCodes.LastAdminToken],
        },
        ["ListDeliveries"] = new("Deliveries", "List deliveries")
        {
            Parameters =
            [
                Query("sink", "sink_name", "Only those to this sink."),
                Query("status", "delivery_status", "Only those in this status."),
                Query("run_id", "run_id", "Only those of this run."),
                _limit,
                _cursor,
            ],
            Answer = "delivery_page",
        },
        ["RedeliverEvent"] = new("Deliveries", "Try a delivery now")
        {
            Details = "One that is pending is tried ahead of its time, one that is settled once more.",
            Status = 202,
            Answer = "delivery",
            Problems = [ErrorCodes.InvalidState],
        },
        ["CreateSubscription"] = new("Subscriptions", "Subscribe a URL")
        {
            Details = "Only this answer and that of a rotation ever hold secrets. It reaches no further than the token that asks.",
            Body = "subscription_request",
            Status = 201,
            Answer = "subscription_created",
            Headers = ["Location"],
            Problems = [ErrorCodes.InvalidState],
        },
        ["ListSubscriptions"] = new("Subscriptions", "List subscriptions") { Answer = "subscription_page" },
        ["GetSubscription"] = new("Subscriptions", "Look at a subscription") { Answer = "subscription" },
        ["DeleteSubscription"] = new("Subscriptions", "Delete a subscription")
        {
            Details = "What still waits for it ends dead-lettered.",
            Status = 204,
        },
        ["EnableSubscription"] = new("Subscriptions", "Enable a subscription")
        {
            Details = "It gets the events from then on, and those that still wait for it.",
            Answer = "subscription",
        },
        ["DisableSubscription"] = new("Subscriptions", "Disable a subscription")
        {
            Body = "control_request",
            BodyIsOptional = true,
            Answer = "subscription",
        },
        ["RotateSubscription"] = new("Subscriptions", "Give a subscription a new secret")
        {
            Details = "Requests are signed with it and, for the overlap, with the former ones as well.",
            Body = "rotation_request",
            BodyIsOptional = true,
            Answer = "subscription_rotated",
            Problems = [ErrorCodes.InvalidState],
        },
        ["TestSubscription"] = new("Subscriptions", "Send a test event")
        {
            Details = "Also to one that is disabled. The answer says what the receiver said.",
            Answer = "subscription_test_result",
        },
        ["ListSubscriptionDeliveries"] = new("Subscriptions", "List the deliveries of a subscription")
        {
            Parameters =
            [
                Query("status", "delivery_status", "Only those in this status."),
                Query("run_id", "run_id", "Only those of this run."),
                _limit,
                _cursor,
            ],
            Answer = "delivery_page",
        },
        ["ListAudit"] = new("Audit", "Read the audit log")
        {
            Details = "With `Accept: application/x-ndjson` it is exported as JSON lines.",
            Parameters =
            [
                Query("after", "moment", "Only entries from then on."),
                Query("before", "moment", "Only entries before then."),
                Query("actor", "actor_name", "Only entries of this caller."),
                Query("action", "audit_action", "Only entries about this."),
                Query("run_id", "run_id", "Only entries about this run."),
                _limit,
                _cursor,
            ],
            Answer = "audit_page",
            OtherAnswer = ("application/x-ndjson", "audit_lines"),
        },
        ["ReceiveGitHubHook"] = new("Hooks", "Take a webhook of GitHub")
        {
            Details = "For the events check_run, check_suite, status, push, pull_request and issue_comment, as JSON of at most 1 MiB. Runs "
                + "look at once at what has changed. A comment of an allowed person on a pull request, `/approve SHA` or "
                + "`/reject REASON`, is a vote at the gate that waits for it. Repeats change nothing. 200 answers a ping, 202 all else. Not "
                + "found where the host's settings have no secret.",
            Parameters =
            [
                Header("X-Hub-Signature-256", "hub_signature"),
                Header("X-GitHub-Event", "github_event_name"),
            ],
            Body = "github_event",
            OtherStatus = 202,
            Answer = "hook_answer",
            Problems = [ErrorCodes.NotFound],
        },
        ["GetHealth"] = new("Host", "Whether the process answers") { Answer = "health" },
        ["GetReadiness"] = new("Host", "Whether the host takes work") { Answer = "health", Problems = [ErrorCodes.Unavailable] },
        ["GetMetrics"] = new("Host", "Figures for Prometheus")
        {
            Details = "Of all projects, so the token must reach all of them (`*`). Of the one process that answers: where several "
                + "instances serve the API, each counts for itself. Not found where the host's settings have metrics off.",
            OtherAnswer = ("text/plain", "metrics_text"),
            Problems = [ErrorCodes.NotFound],
        },
        ["GetOpenApi"] = new("Host", "This document") { Answer = "openapi_document" },
    }.ToFrozenDictionary();
}
