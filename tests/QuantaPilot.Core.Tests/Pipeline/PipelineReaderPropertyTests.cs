using System.Diagnostics;
using CsCheck;
using QuantaPilot.Core.Pipeline;
using QuantaPilot.Core.Ports;
using QuantaPilot.Core.Runs;

namespace QuantaPilot.Core.Tests.Pipeline;

/// <summary>Whatever a repository holds as its quantapilot.yml, it is read or refused in words, and soon.</summary>
public sealed class PipelineReaderPropertyTests
{
    private const string Valid =
        """
        version: 1
        documentation: { agent: outline, path: docs }
        agents:
          coder: { type: command, run: [bash, tools/agent.sh], timeout: 20m }
        milestones:
          - id: M-001
            title: Bootstrap
            criteria: [ "the tests pass" ]
            tasks:  [ { agent: coder, prompt: "Create the project skeleton" } ]
            checks: [ { run: [dotnet, test], timeout: 10m } ]
        gates:
          anchor:      { approvals: 1, timeout: 7d, on_timeout: pause }
          first-merge: { required: false }
        merge: squash
        """;

    private static readonly Gen<string> _pieces = Gen.OneOf(
        Gen.OneOf(
            "version: 1\n", "agents", "milestones", "gates", "title", ": ", "- ", "\n  ", "{", "}", "[", "]", ",", "\"", "'", "|\n",
            ">-\n", "&a", "*a",
            "!!binary ", "!!int ", "? ", "%YAML 1.2\n", "---\n", "...\n", "#", "\t", "\r\n", "~", "null", "true", "<<: ", "0x1F",
            ".inf", "1e999",
            "99999999999999999999", "\u0000", "\ufeff", "\ud800", "\udfff", "\u2028", "\u0085", "2001-01-01", "\\x41", "\\ud800",
            "\\UFFFFFFFF"),
        Gen.String[0, 8]);

    [Fact]
    public void Read_AnyText_IsReadOrRefusedInWords() =>
        _pieces.Array[0, 40].Select(pieces => string.Concat(pieces)).Sample(AssertReadOrRefused, iter: 5_000);

    [Fact]
    public void Read_ValidFileWithAnythingPutInAnywhere_IsReadOrRefusedInWords() =>
        Gen.Select(Gen.Int[0, Valid.Length], Gen.Int[0, 30], _pieces.Array[0, 6]).Sample(
            (at, cut, pieces) => AssertReadOrRefused(Valid[..at] + string.Concat(pieces) + Valid[Math.Min(Valid.Length, at + cut)..]),
            iter: 5_000);

    [Theory]
    [InlineData("- ")]
    [InlineData("? ")]
    [InlineData("a: ")]
    [InlineData("{a: ")]
    [InlineData("\"a\": [")]
    [InlineData("&a ")]
    [InlineData("!a ")]
    [InlineData("a\n")]
    [InlineData(" ")]
    [InlineData("#")]
    [InlineData("\"")]
    [InlineData("---\n")]
    [InlineData("a: 1\n")]
    [InlineData("? a\n: b\n")]
    [InlineData("\n")]
    public void Read_TextMadeToBeSlow_TakesNoLongerThanOthers(string piece)
    {
        var text = string.Concat(Enumerable.Repeat(piece, 64 * 1024 / piece.Length));
        var clock = Stopwatch.StartNew();

        AssertReadOrRefused(text);

        // Most take a few milliseconds; what grows with the square of the length takes minutes.
        Assert.True(clock.Elapsed < TimeSpan.FromSeconds(10), $"It took {clock.Elapsed}.");
    }

    [Theory]
    [InlineData("...\n%YAML 1.2\n")]
    [InlineData("version: 1\ndocumentation: { : docs }\n")]
    [InlineData("version: 1\ndocumentation: { age: docs }\nagents:\n  coder: { type: command")]
    public void Read_FileThatOnceWentWrong_IsRefusedInWords(string text) => AssertReadOrRefused(text);

    [Fact]
    public void Read_CutAnywhere_IsReadOrRefusedInWords()
    {
        for (var at = 0; at < Valid.Length; at++)
        {
            foreach (var cut in new[] { 1, 3, 24, 60 }) AssertReadOrRefused(Valid[..at] + Valid[Math.Min(Valid.Length, at + cut)..]);
        }
    }

    [Fact]
    public void Read_ManyFaultsWithLongNames_NamesThemInAMessageOfBoundedLength() => AssertReadOrRefused(
        "version: 1\n" + string.Concat(Enumerable.Range(0, 20).Select(i => $"{i}{new string('x', 1_000)}: 1\n")));

    [Theory]
    [InlineData("      run: [curl, -H, 'Authorization: ghp_0123456789abcdefABCDEF0123456789abcd']")]
    [InlineData("# https://user:pa55@example.com/x")]
    [InlineData("      prompt: \"-----BEGIN RSA PRIVATE KEY-----\"")]
    [InlineData("ghp_0123456789abcdefABCDEF0123456789abcd: [")]
    public void Read_FileWithASecret_IsRefusedByLineAndDoesNotRepeatIt(string line)
    {
        var e = Assert.Throws<StepException>(() => PipelineReader.Read("quantapilot.yml", "version: 1\n" + line + "\n"));

        Assert.Equal(ErrorCodes.ConfigurationInvalid, e.Code);
        Assert.StartsWith("quantapilot.yml: line 2: holds what looks like a secret", e.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("0123456789", e.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("pa55", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_AddressesInWhatPeopleAreShown_AreTakenOut()
    {
        var pipeline = PipelineReader.Read(
            "quantapilot.yml",
            Valid.Replace("Bootstrap", "For ann@example.com", StringComparison.Ordinal)
                .Replace("the tests pass", "ann@example.com agrees", StringComparison.Ordinal)
                .Replace("Create the", "Ask ann@example.com for the", StringComparison.Ordinal));

        var milestone = Assert.Single(pipeline.Milestones);
        Assert.Equal("For [redacted]", milestone.Title);
        Assert.Equal(["[redacted] agrees"], milestone.Criteria);
        Assert.Equal("Ask ann@example.com for the project skeleton", Assert.Single(milestone.Tasks).Prompt);
    }

    private static void AssertReadOrRefused(string text)
    {
        try
        {
            var pipeline = PipelineReader.Read("quantapilot.yml", text);
            Assert.All(pipeline.Milestones, milestone => Assert.NotEmpty(milestone.Tasks));
        }
        catch (StepException e)
        {
            Assert.Equal(ErrorCodes.ConfigurationInvalid, e.Code);
            Assert.False(e.IsTransient);
            Assert.StartsWith("quantapilot.yml: ", e.Message, StringComparison.Ordinal);
            Assert.InRange(e.Message.Length, 20, 8_001);
        }
    }
}
