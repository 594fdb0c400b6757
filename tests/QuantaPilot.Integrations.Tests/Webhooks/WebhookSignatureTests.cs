using QuantaPilot.Core.Subscriptions;
using QuantaPilot.Integrations.Webhooks;

namespace QuantaPilot.Integrations.Tests.Webhooks;

public sealed class WebhookSignatureTests
{
    private static readonly SigningSecret _secret = new(SubscriptionScenario.Secret, DateTimeOffset.UnixEpoch);

    [Fact]
    public void Sign_PublishedExample_IsThePublishedSignature() =>
        // From the tests of the reference libraries, e.g. github.com/standard-webhooks/standard-webhooks/libraries.
        Assert.Equal(
            "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
            WebhookSignature.Sign([_secret], "msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330", "{\"test\": 2432232314}"u8));

    [Fact]
    public void Sign_TwoSecrets_SignsWithEach()
    {
        var other = new SigningSecret(SigningSecret.Prefix + Convert.ToBase64String(new byte[32]), DateTimeOffset.UnixEpoch);

        var both = WebhookSignature.Sign([other, _secret], "id", "1", "{}"u8).Split(' ');

        Assert.Equal([WebhookSignature.Sign([other], "id", "1", "{}"u8), WebhookSignature.Sign([_secret], "id", "1", "{}"u8)], both);
    }

    [Fact]
    public void Timestamp_IsInSeconds() => Assert.Equal("1767225600", WebhookSignature.Timestamp(Scenario.Start.AddMilliseconds(999)));
}
