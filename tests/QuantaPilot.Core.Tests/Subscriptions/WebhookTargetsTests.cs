using System.Net;
using QuantaPilot.Core.Subscriptions;

namespace QuantaPilot.Core.Tests.Subscriptions;

public sealed class WebhookTargetsTests
{
    private readonly WebhookTargets _targets = new(["receiver.internal", "[0:0:0:0:0:0:0:1]", "10.0.0.5"]);

    [Theory]
    [InlineData("https://example.com/hook?key=1")]
    [InlineData("https://example.com:8443/")]
    [InlineData("https://93.184.215.14/")]
    [InlineData("https://[2606:2800:21f:cb07:6820:80da:af6b:8b2c]/")]
    [InlineData("http://receiver.internal/hook")]
    [InlineData("https://RECEIVER.internal:444/hook")]
    [InlineData("http://[::1]:8080/")]
    [InlineData("http://10.0.0.5/")]
    public void FindFault_PublicOrAllowedByName_IsNone(string url) => Assert.Null(_targets.FindFault(url));

    [Theory]
    [InlineData(null, "is required")]
    [InlineData("", "absolute https:// URL")]
    [InlineData("/hook", "absolute https:// URL")]
    [InlineData("ftp://example.com/", "absolute https:// URL")]
    [InlineData("https://", "absolute https:// URL")]
    [InlineData("https://example.com/a b", "spaces")]
    [InlineData("https://me:pw@example.com/", "credentials")]
    [InlineData("https://example.com/#part", "fragment")]
    [InlineData("http://example.com/", "must begin with https://")]
    [InlineData("https://localhost/", "public address")]
    [InlineData("https://127.0.0.1/", "public address")]
    [InlineData("https://2130706433/", "public address")]
    [InlineData("https://0x7f.1/", "public address")]
    [InlineData("https://[::]/", "public address")]
    [InlineData("https://[::ffff:10.0.0.5]/", "public address")]
    [InlineData("https://10.0.0.6/", "public address")]
    public void FindFault_AnythingElse_SaysWhatIsAccepted(string? url, string accepted) =>
        Assert.Contains(accepted, _targets.FindFault(url), StringComparison.Ordinal);

    [Fact]
    public void FindFault_LongUrl_IsRefused() =>
        Assert.Contains("2048", _targets.FindFault("https://example.com/" + new string('a', 2048)), StringComparison.Ordinal);

    [Theory]
    [InlineData("")]
    [InlineData("http://example.com")]
    [InlineData("example.com:80")]
    [InlineData("*.example.com")]
    public void Create_NoHost_IsRefusedByName(string host) =>
        Assert.Contains($"'{host}'", Assert.Throws<FormatException>(() => new WebhookTargets([host])).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("0.0.0.0")]
    [InlineData("0.1.2.3")]
    [InlineData("10.255.255.255")]
    [InlineData("100.64.0.1")]
    [InlineData("100.127.255.255")]
    [InlineData("127.0.0.53")]
    [InlineData("169.254.169.254")]
    [InlineData("172.16.0.1")]
    [InlineData("172.31.255.255")]
    [InlineData("192.0.0.8")]
    [InlineData("192.0.2.1")]
    [InlineData("192.168.0.1")]
    [InlineData("198.19.0.1")]
    [InlineData("198.51.100.1")]
    [InlineData("203.0.113.1")]
    [InlineData("224.0.0.1")]
    [InlineData("239.255.255.255")]
    [InlineData("240.0.0.1")]
    [InlineData("255.255.255.255")]
    [InlineData("168.63.129.16")]
    [InlineData("::")]
    [InlineData("::1")]
    [InlineData("::7f00:1")]
    [InlineData("::ffff:127.0.0.1")]
    [InlineData("::ffff:93.184.215.14")]
    [InlineData("::ffff:0.0.0.0")]
    [InlineData("::ffff:1.1.1.1")]
    [InlineData("::ffff:10.0.0.5")]
    [InlineData("::ffff:31.255.255.255")]
    [InlineData("64:ff9b::7f00:1")]
    [InlineData("64:ff9b:1::1")]
    [InlineData("100::1")]
    [InlineData("2001::1")]
    [InlineData("2001:db8::1")]
    [InlineData("2002:7f00:1::")]
    [InlineData("3fff::1")]
    [InlineData("fc00::1")]
    [InlineData("fd12:3456::1")]
    [InlineData("fe80::1")]
    [InlineData("fe80::1%2")]
    [InlineData("fec0::1")]
    [InlineData("ff02::1")]
    public void IsPublic_SpecialAddress_IsFalse(string address) => Assert.False(PublicAddress.IsPublic(IPAddress.Parse(address)));

    [Theory]
    [InlineData("1.1.1.1")]
    [InlineData("9.255.255.255")]
    [InlineData("11.0.0.0")]
    [InlineData("100.63.255.255")]
    [InlineData("100.128.0.0")]
    [InlineData("172.15.255.255")]
    [InlineData("172.32.0.0")]
    [InlineData("192.167.255.255")]
    [InlineData("223.255.255.255")]
    [InlineData("2606:4700:4700::1111")]
    [InlineData("2a00:1450:4001:80b::200e")]
    public void IsPublic_PublicAddress_IsTrue(string address) => Assert.True(PublicAddress.IsPublic(IPAddress.Parse(address)));
}
