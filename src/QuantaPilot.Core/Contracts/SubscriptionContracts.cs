using System.Text.Json.Serialization;
using QuantaPilot.Core.Subscriptions;

namespace QuantaPilot.Core.Contracts;

/// <summary>The body of <c>POST /subscriptions</c>.</summary>
/// <param name="Url">Where events are posted: <c>https://</c>, at a public address unless the settings allow its host by name.</param>
/// <param name="Filter">Which events; by default all of the projects of the token that asks.</param>
/// <param name="SecretHeader">True to have a plain secret sent too, in <see cref="PlainSecret.Header"/>. Default: false.</param>
public sealed record SubscriptionRequest(string? Url, SubscriptionFilterRequest? Filter = null, bool? SecretHeader = null);

/// <summary>Which events a subscription gets; every member that is given must match.</summary>
/// <param name="Events">Names of events; by default all.</param>
/// <param name="Projects">Globs over repository URLs without <c>.git</c>; by default those of the token that asks.</param>
/// <param name="RunId">The only run.</param>
public sealed record SubscriptionFilterRequest(
    IReadOnlyList<string?>? Events = null, IReadOnlyList<string?>? Projects = null, string? RunId = null);

/// <summary>The body of <c>POST /subscriptions/{id}/rotate</c>.</summary>
/// <param name="Overlap">How long the former secrets still count: <c>0s</c> to <c>30d</c>. Default: <c>24h</c>.</param>
/// <param name="SecretHeader">True for a new plain secret as well, which takes the place of the former at once. Default: false.</param>
public sealed record RotationRequest(string? Overlap = null, bool? SecretHeader = null);

/// <summary>The answer to <c>POST /subscriptions</c>. Only this and that of a rotation ever hold secrets.</summary>
/// <param name="Id">Names it.</param>
/// <param name="Url">Where events are posted.</param>
/// <param name="Filter">Which events.</param>
/// <param name="CreatedAt">When it was made.</param>
/// <param name="Secret">What signatures are verified with: <c>whsec_…</c>.</param>
/// <param name="SecretHeader">The plain secret, if it was asked for.</param>
public sealed record SubscriptionCreated(
    string Id, string Url, SubscriptionFilter Filter, DateTimeOffset CreatedAt, string Secret, SecretHeaderResource? SecretHeader);

/// <summary>The answer to <c>POST /subscriptions/{id}/rotate</c>.</summary>
/// <param name="Id">The subscription.</param>
/// <param name="Secret">The new secret.</param>
/// <param name="SecretHeader">The new plain secret, if it was asked for.</param>
/// <param name="FormerSecretsEndAt">Until when requests are signed with the former secrets as well.</param>
public sealed record SubscriptionRotated(
    string Id, string Secret, SecretHeaderResource? SecretHeader, DateTimeOffset FormerSecretsEndAt);

/// <param name="Name">The header.</param>
/// <param name="Value">What it holds.</param>
public sealed record SecretHeaderResource(string Name, string Value)
{
    public static SecretHeaderResource? From(PlainSecret? secret) =>
        secret is null ? null : new SecretHeaderResource(PlainSecret.Header, secret.Value);

    /// <summary>Without the secret.</summary>
    public override string ToString() => Name;
}

/// <summary>A subscription as <c>GET /subscriptions</c> shows it, without its secrets.</summary>
/// <param name="Id">Names it.</param>
/// <param name="Url">Where events are posted.</param>
/// <param name="Filter">Which events.</param>
/// <param name="Enabled">Whether it gets events.</param>
/// <param name="DisabledAt">Since when it gets none.</param>
/// <param name="DisabledReason">Why it gets none.</param>
/// <param name="SecretHeader">Whether a plain secret is sent too.</param>
/// <param name="Secrets">The secrets that count, newest first.</param>
/// <param name="CreatedBy">The name of the token that it was made with.</param>
/// <param name="CreatedAt">When it was made.</param>
/// <param name="UpdatedAt">When it last changed.</param>
public sealed record SubscriptionResource(
    string Id,
    string Url,
    SubscriptionFilter Filter,
    bool Enabled,
    DateTimeOffset? DisabledAt,
    string? DisabledReason,
    bool SecretHeader,
    IReadOnlyList<SecretResource> Secrets,
    string CreatedBy,
    DateTimeOffset CreatedAt,
    DateTimeOffset UpdatedAt)
{
    public static SubscriptionResource From(Subscription subscription, DateTimeOffset now) => new(
        subscription.Id,
        subscription.Url,
        subscription.Filter,
        subscription.IsEnabled,
        subscription.DisabledAt,
        subscription.DisabledReason,
        subscription.PlainSecret is not null,
        [.. subscription.SecretsAt(now).Select(secret => new SecretResource(secret.CreatedAt, secret.ExpiresAt))],
        subscription.CreatedBy,
        subscription.CreatedAt,
        subscription.UpdatedAt);
}

/// <summary>What can be told of a secret.</summary>
/// <param name="CreatedAt">When it was made.</param>
/// <param name="ExpiresAt">From when on nothing is signed with it; absent for the newest.</param>
public sealed record SecretResource(DateTimeOffset CreatedAt, DateTimeOffset? ExpiresAt);

/// <summary>The answer to <c>POST /subscriptions/{id}/test</c>: what became of the test event.</summary>
/// <param name="WebhookId">The id that it was sent under.</param>
/// <param name="Delivered">Whether the receiver took it.</param>
/// <param name="Code">What came of it (<see cref="Deliveries.DeliveryCodes"/>).</param>
/// <param name="HttpStatus">What the receiver answered, if it did.</param>
/// <param name="DurationMs">How long that took, in milliseconds.</param>
/// <param name="Body">The beginning of its answer, without what looks like a secret.</param>
public sealed record SubscriptionTestResult(
    string WebhookId, bool Delivered, string Code, int? HttpStatus, long DurationMs, string? Body);

/// <summary>What a test delivery sends: a CloudEvent that is about no run.</summary>
public sealed record WebhookTestEvent
{
    public const string TestType = CloudEvent.TypePrefix + "webhook_test";

    [JsonPropertyName("specversion")]
    public string SpecVersion { get; init; } = "1.0";

    /// <summary>Unique.</summary>
    public required string Id { get; init; }

    public string Type { get; init; } = TestType;

    public string Source { get; init; } = "/quantapilot/subscriptions";

    /// <summary>The subscription's id.</summary>
    public required string Subject { get; init; }

    public required DateTimeOffset Time { get; init; }

    [JsonPropertyName("datacontenttype")]
    public string DataContentType { get; init; } = "application/json";

    public required WebhookTestData Data { get; init; }
}

public sealed record WebhookTestData(string SubscriptionId);
