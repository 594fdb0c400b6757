using System.Text;
using CsCheck;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;
using QuantaPilot.Api.Access;
using QuantaPilot.Api.Events;
using QuantaPilot.Api.Http;
using QuantaPilot.Api.Limits;
using QuantaPilot.Api.Runs;
using QuantaPilot.Core.Contracts;
using QuantaPilot.Core.Deliveries;
using QuantaPilot.Core.Ports;
using QuantaPilot.Core.Runs;
using QuantaPilot.Host.Sqlite;

namespace QuantaPilot.Api.Tests.Fuzz;

/// <summary>What callers write is read back or refused as documented, whatever it is.</summary>
public sealed class ParserPropertyTests
{
    private const int Samples = 5_000;

    private static readonly Gen<string> _text = Gen.OneOf(
        Gen.String[0, 60],
        Gen.String[Gen.Char["0123456789abcdefABCDEF:;,=\"-_ \t.+"], 0, 60],
        Gen.OneOf("wait=", "wait=5;x=\"", "respond-async,", "\ud800", "\0", new string('9', 40), new string(';', 5_000), "wait=\"7\""))
        .Array[1, 4].Select(parts => string.Concat(parts));

    private static readonly Gen<RunId> _runId = Gen.Guid.Select(RunId.From);

    [Fact]
    public void EventId_AnyText_IsReadOnlyIfItIsOne() => _text.Sample(
        text =>
        {
            if (EventId.TryParse(text, out var id)) Assert.Equal(id, Parsed($"{id}"));
        },
        iter: Samples);

    [Fact]
    public void EventId_AnyId_IsReadBack() => Gen.Select(_runId, Gen.Long[1, long.MaxValue]).Sample(
        (run, sequence) => Assert.Equal(new EventId(run, sequence), Parsed($"{run}:{sequence}")), iter: Samples);

    [Fact]
    public void DeliveryId_AnyText_IsReadOnlyIfItIsOne() => _text.Sample(
        text => Assert.True(!DeliveryId.TryParse(text, out var id) || id.ToString() == text), iter: Samples);

    [Fact]
    public void Cursor_AnyText_IsRefused() => _text.Sample(
        text => Assert.Throws<InvalidCursorException>(() => ListCursor.Runs.Decode(text)), iter: Samples);

    [Fact]
    public void Cursor_AnyPosition_IsReadBackByItsListOnly() => Gen.Long.Sample(
        position =>
        {
            var text = ListCursor.Runs.Encode(position);
            Assert.Equal(position, ListCursor.Runs.Decode(text));
            Assert.Throws<InvalidCursorException>(() => ListCursor.Deliveries.Decode(text));
        },
        iter: Samples);

    [Fact]
    public void Cursor_WithOneCharacterChanged_IsRefused() =>
        Gen.Select(Gen.Long, Gen.Int[0, 15], Gen.Char["ABCxyz019-_ =%\0\ud800"]).Sample(
            (position, at, character) =>
            {
                var text = ListCursor.Runs.Encode(position);
                if (text[at] == character) return;
                Assert.Throws<InvalidCursorException>(() => ListCursor.Runs.Decode(text[..at] + character + text[(at + 1)..]));
            },
            iter: Samples);

    [Fact]
    public void Prefer_AnyHeaders_AreAWaitOfAMinuteAtMostOrNone() => _text.Array[0, 3].Sample(
        headers =>
        {
            var context = new DefaultHttpContext();
            context.Request.Headers["Prefer"] = new StringValues(headers);
            Assert.InRange(Preferences.ReadWait(context) ?? TimeSpan.Zero, TimeSpan.Zero, TimeSpan.FromSeconds(60));
        },
        iter: Samples);

    [Fact]
    public void Prefer_AnySeconds_AreRead() => Gen.Select(
        Gen.UInt, Gen.OneOf("wait={0}", "Wait = \"{0}\"", "x=1, wait={0}; a=b", ",;,wait={0}")).Sample(
        (seconds, format) =>
        {
            var context = new DefaultHttpContext();
            context.Request.Headers["Prefer"] = format.Replace("{0}", $"{seconds}", StringComparison.Ordinal);
            Assert.Equal(TimeSpan.FromSeconds(Math.Min(60, seconds)), Preferences.ReadWait(context));
        },
        iter: Samples);

    [Fact]
    public void IdempotencyKey_AnyHeaders_AreRefusedOrMakeTheSameRunId() => _text.Array[0, 3].Sample(
        headers =>
        {
            var fault = IdempotencyKey.FindFault(new StringValues(headers));
            var isKey = headers is [{ Length: > 0 and <= 255 } key] && key.All(c => c is > ' ' and < '\x7f');
            Assert.Equal(isKey, fault is null);
            if (isKey) Assert.Equal(IdempotencyKey.ToRunId("token", headers[0]), IdempotencyKey.ToRunId("token", headers[0]));
        },
        iter: Samples);

    [Fact]
    public void BearerToken_AnyText_IsWellFormedOnlyIfItWasMadeSo() => _text.Sample(
        text => Assert.False(BearerToken.IsWellFormed("qp_" + text) && text.Length != 43), iter: Samples);

    [Fact]
    public void ClientAddress_AnyForwardedFor_IsAnAddress() => Gen.Select(_text.Array[0, 3], Gen.Int[0, 3]).Sample(
        (headers, proxies) =>
        {
            var context = new DefaultHttpContext();
            context.Connection.RemoteIpAddress = System.Net.IPAddress.Loopback;
            context.Request.Headers["X-Forwarded-For"] = new StringValues(headers);
            Assert.True(System.Net.IPAddress.TryParse(ClientAddress.Of(context, proxies), out _));
        },
        iter: Samples);

    [Fact]
    public void Json_AnyBytes_AreReadOrAProblemOf400() => Gen.Byte.Array[0, 200].Sample(AssertReadOrProblem, iter: Samples);

    [Fact]
    public void Json_AnythingLikeARequest_IsReadOrAProblemOf400() => Gen.OneOf(
        Gen.OneOf(
            "{", "}", "[", "]", ":", ",", "\"decisions\"", "\"run_id\"", "\"gate\"", "\"approved\"", "\"reason\"", "null", "true",
            "1e999999999", "-0",
            "\"\\ud800\"", "\"\\u0000\"", "\"\u00e9\"", "/**/", "NaN", new string('[', 100), "{\"decisions\":[{\"approved\":true}]}"),
        Gen.String[0, 6])
        .Array[0, 12].Select(parts => Encoding.UTF8.GetBytes(string.Concat(parts))).Sample(AssertReadOrProblem, iter: Samples);

    private static EventId Parsed(string text)
    {
        Assert.True(EventId.TryParse(text, out var id), text);
        return id;
    }

    private static void AssertReadOrProblem(byte[] body)
    {
        var read = StrictJson.Read(body, CoreJson.Default.BatchDecisionRequest);
        if (read.Succeeded(out var request, out var problem)) Assert.NotNull(request);
        else Assert.Equal((StatusCodes.Status400BadRequest, ErrorCodes.InvalidRequest), (problem.Status, problem.ErrorCode));
    }
}
