using System.Text.Json.Serialization;
using QuantaPilot.Core.Deliveries;
using QuantaPilot.Core.Runs;

namespace QuantaPilot.Core.Subscriptions;

/// <summary>A receiver of events: a URL that they are posted to, signed by Standard Webhooks.</summary>
public sealed record Subscription
{
    /// <summary>See <see cref="SubscriptionId"/>. Its deliveries are listed under it as their sink.</summary>
    public required string Id { get; init; }

    /// <summary>Where events go. It may hold a secret of the receiver's, so it is not for logs.</summary>
    public required string Url { get; init; }

    public required SubscriptionFilter Filter { get; init; }

    /// <summary>What requests are signed with, newest first. The first does not expire.</summary>
    public required IReadOnlyList<SigningSecret> Secrets { get; init; }

    /// <summary>Sent as it is, for receivers that can't verify a signature; null for none.</summary>
    public PlainSecret? PlainSecret { get; init; }

    /// <summary>Since when it gets no events; null while it does.</summary>
    public DateTimeOffset? DisabledAt { get; init; }

    /// <summary>Why it gets none.</summary>
    public string? DisabledReason { get; init; }

    /// <summary>The name of the token that it was made with.</summary>
    public required string CreatedBy { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public required DateTimeOffset UpdatedAt { get; init; }

    [JsonIgnore]
    public bool IsEnabled => DisabledAt is null;

    /// <summary>The secrets that count at a time, newest first; at least one.</summary>
    public IEnumerable<SigningSecret> SecretsAt(DateTimeOffset now) => Secrets.Where(secret => secret.IsValidAt(now));
}

/// <summary>Which events a subscription gets. Every member must match.</summary>
/// <param name="Events">Names of events (<see cref="Contracts.EventData.Names"/>); none stands for all.</param>
/// <param name="Projects">Globs over canonical repository names; one of them must match.</param>
/// <param name="RunId">The only run; null for all.</param>
public sealed record SubscriptionFilter(IReadOnlyList<string> Events, IReadOnlyList<string> Projects, RunId? RunId = null);

/// <summary>A Standard Webhooks secret.</summary>
/// <param name="Text"><c>whsec_</c> and the key in base64.</param>
/// <param name="CreatedAt">When it was made.</param>
/// <param name="ExpiresAt">From when on nothing is signed with it; null for never.</param>
public sealed record SigningSecret(string Text, DateTimeOffset CreatedAt, DateTimeOffset? ExpiresAt = null)
{
    /// <summary>What <see cref="Text"/> begins with.</summary>
    public const string Prefix = "whsec_";

    public bool IsValidAt(DateTimeOffset now) => ExpiresAt is not { } end || now < end;

    /// <summary>Without the secret, so that it gets into no log by way of the record.</summary>
    public override string ToString() => Prefix + "…";
}

/// <summary>The secret of the contract's header.</summary>
/// <param name="Value">Printable ASCII.</param>
public sealed record PlainSecret(string Value)
{
    /// <summary>The header that it is sent in.</summary>
    public const string Header = "X-QuantaPilot-Secret";

    /// <summary>Without the secret.</summary>
    public override string ToString() => "…";
}

/// <summary>
/// The ids of subscriptions: <c>sub-</c> and 24 hexadecimal digits, so that each can name a sink (<see cref="SinkName"/>).
/// </summary>
public static class SubscriptionId
{
    /// <summary>How many random bytes make one.</summary>
    public const int Bytes = 12;

    private const string Prefix = "sub-";

    public static string From(ReadOnlySpan<byte> random) => Prefix + Convert.ToHexStringLower(random);
}
