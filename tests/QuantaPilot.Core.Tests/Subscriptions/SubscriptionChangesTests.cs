using System.Text.Json;
using QuantaPilot.Core.Contracts;
using QuantaPilot.Core.Deliveries;
using QuantaPilot.Core.Subscriptions;

namespace QuantaPilot.Core.Tests.Subscriptions;

public sealed class SubscriptionChangesTests
{
    private static readonly DateTimeOffset _start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly TimeSpan _day = TimeSpan.FromDays(1);

    private readonly Subscription _subscription = new()
    {
        Id = SubscriptionId.From(new byte[SubscriptionId.Bytes]),
        Url = "https://example.com/",
        Filter = new SubscriptionFilter([], ["*"]),
        Secrets = [Secret("one", 0)],
        PlainSecret = new PlainSecret("plain-one"),
        CreatedBy = "olga",
        CreatedAt = _start,
        UpdatedAt = _start,
    };

    [Fact]
    public void Rotated_WithinTheOverlap_BothCountAndAfterItTheNewOne()
    {
        var rotated = _subscription.Rotated(Secret("two", 1), _day);

        Assert.Equal(["two", "one"], Valid(rotated, 1));
        Assert.Equal(["two", "one"], Valid(rotated, 24));
        Assert.Equal(["two"], Valid(rotated, 25));
        Assert.Equal(_start.AddHours(1), rotated.UpdatedAt);
    }

    [Fact]
    public void Rotated_TwiceWithinTheOverlap_KeepsTheEndOfTheFirstFormer()
    {
        var rotated = _subscription.Rotated(Secret("two", 1), _day).Rotated(Secret("three", 2), _day * 7);

        Assert.Equal(["three", "two", "one"], Valid(rotated, 2));
        Assert.Equal(["three", "two"], Valid(rotated, 25));
    }

    [Fact]
    public void Rotated_WithoutOverlap_EndsAllFormer()
    {
        var rotated = _subscription.Rotated(Secret("two", 1), _day).Rotated(Secret("three", 2), TimeSpan.Zero);

        Assert.Equal("three", Assert.Single(rotated.Secrets).Text);
    }

    [Fact]
    public void Disabled_Twice_KeepsTheFirstReason()
    {
        var disabled = _subscription.Disabled("gone", _start).Disabled("again", _start.AddHours(1));

        Assert.Equal((false, "gone", (DateTimeOffset?)_start), (disabled.IsEnabled, disabled.DisabledReason, disabled.DisabledAt));
        var enabled = disabled.Enabled(_start.AddHours(2));
        Assert.Equal((true, null), (enabled.IsEnabled, enabled.DisabledReason));
        Assert.Same(enabled, enabled.Enabled(_start.AddHours(3)));
    }

    [Fact]
    public void Texts_OfTheRecords_HoldNoSecret()
    {
        var header = new SecretHeaderResource(PlainSecret.Header, "plain-one");

        var texts = $"{_subscription} {_subscription.Secrets[0]} {_subscription.PlainSecret} {header}";

        Assert.DoesNotContain("one", texts, StringComparison.Ordinal);
    }

    [Fact]
    public void Resource_OfASubscription_HoldsNoSecret()
    {
        var json = JsonSerializer.Serialize(SubscriptionResource.From(_subscription, _start), CoreJson.Default.SubscriptionResource);

        Assert.DoesNotContain("one", json, StringComparison.Ordinal);
        Assert.Contains("\"secret_header\":true", json, StringComparison.Ordinal);
    }

    [Fact]
    public void Id_NamesASink() => Assert.True(SinkName.IsValid(_subscription.Id));

    private static SigningSecret Secret(string text, int hour) => new(text, _start.AddHours(hour));

    private static IEnumerable<string> Valid(Subscription subscription, int hour) =>
        subscription.SecretsAt(_start.AddHours(hour)).Select(secret => secret.Text);
}
