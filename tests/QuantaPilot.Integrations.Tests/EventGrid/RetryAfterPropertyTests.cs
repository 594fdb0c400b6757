using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Azure;
using Azure.Core;
using CsCheck;
using Microsoft.Extensions.Time.Testing;
using QuantaPilot.Core.Ports;
using QuantaPilot.Integrations.EventGrid;

namespace QuantaPilot.Integrations.Tests.EventGrid;

/// <summary>A destination may answer anything: its <c>Retry-After</c> is a time to come or counts for nothing.</summary>
public sealed class RetryAfterPropertyTests
{
    private static readonly DateTimeOffset _now = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Classify_AnyRetryAfter_IsATimeToComeOrNone() => Gen.OneOf(
        Gen.String[0, 40],
        Gen.String[Gen.Char["0123456789 ,:+-.TZGMTJan"], 0, 30],
        Gen.OneOf(
            "-1",
            "4294967296",
            "9999-12-31T23:59:59Z",
            "0001-01-01T00:00:00+14:00",
            "Thu, 01 Jan 1970 00:00:00 GMT",
            "\0",
            "\ud800")).Sample(
            text =>
            {
                var answer = Classify(text);
                Assert.Equal(SinkVerdict.FailedTransiently, answer.Verdict);
                Assert.True(answer.RetryAfter is null || answer.RetryAfter >= TimeSpan.Zero, $"{text}: {answer.RetryAfter}");
            },
            iter: 5_000);

    [Fact]
    public void Classify_SecondsOrADate_AreRead() => Gen.UInt[1, 1_000_000_000].Sample(
        seconds =>
        {
            Assert.Equal(TimeSpan.FromSeconds(seconds), Classify($"{seconds}").RetryAfter);
            var date = (_now + TimeSpan.FromSeconds(seconds)).ToString("R", CultureInfo.InvariantCulture);
            Assert.Equal(TimeSpan.FromSeconds(seconds), Classify(date).RetryAfter);
        },
        iter: 1_000);

    private static SinkAnswer Classify(string retryAfter) =>
        EventGridFaults.Classify(new RequestFailedException(new Answer(retryAfter)), new FakeTimeProvider(_now));

    private sealed class Answer(string retryAfter) : Response
    {
        public override int Status => 429;

        public override string ReasonPhrase => "";

        public override Stream? ContentStream { get; set; }

        public override string ClientRequestId { get; set; } = "";

        public override void Dispose()
        {
            // It holds nothing.
        }

        protected override bool ContainsHeader(string name) => name == "Retry-After";

        protected override IEnumerable<HttpHeader> EnumerateHeaders() => [new("Retry-After", retryAfter)];

        protected override bool TryGetHeader(string name, [NotNullWhen(true)] out string? value)
        {
            value = ContainsHeader(name) ? retryAfter : null;
            return value is not null;
        }

        protected override bool TryGetHeaderValues(string name, [NotNullWhen(true)] out IEnumerable<string>? values)
        {
            values = ContainsHeader(name) ? [retryAfter] : null;
            return values is not null;
        }
    }
}
