using CsCheck;
using QuantaPilot.Core.Ports;
using QuantaPilot.Integrations.Tables;

namespace QuantaPilot.Integrations.Tests.Tables;

public sealed class RunCursorPropertyTests
{
    private static readonly Gen<string> _key = Gen.Select(
        Gen.Long[0, 999_999_999_999_999_999], Gen.Guid, (ticks, id) => $"{ticks:D19}-{id:N}");

    [Fact]
    public void Decode_WhatWasEncoded_GivesItBack() =>
        _key.Sample(key => Assert.Equal(key, RunCursor.Decode(RunCursor.Encode(key))), iter: 5_000);

    [Fact]
    public void Decode_AnyText_IsRefused() => Gen.OneOf(
        Gen.String[0, 100],
        Gen.String[Gen.Char["ABCabc019-_=% \n"], 70, 80],
        Gen.OneOf("", "\ud800", new string('A', 75), new string('A', 8_000))).Sample(
            text => Assert.Throws<InvalidCursorException>(() => RunCursor.Decode(text)), iter: 5_000);

    [Fact]
    public void Decode_WithOneCharacterChanged_IsRefused() =>
        Gen.Select(_key, Gen.Int[0, 73], Gen.Char["ABCxyz019-_ =%\0\ud800"]).Sample(
            (key, at, character) =>
            {
                var text = RunCursor.Encode(key);
                if (text[at] == character) return;
                Assert.Throws<InvalidCursorException>(() => RunCursor.Decode(text[..at] + character + text[(at + 1)..]));
            },
            iter: 5_000);
}
