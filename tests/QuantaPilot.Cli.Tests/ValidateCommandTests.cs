using System.Text.Json;
using QuantaPilot.Cli.CommandLine;

namespace QuantaPilot.Cli.Tests;

public sealed class ValidateCommandTests : IDisposable
{
    private const string Bad = "version: 1\nmerge: octopus\ngates:\n  anchor: { approvals: 0 }\n";

    private readonly CliRunner _cli = new();

    public void Dispose() => _cli.Dispose();

    [Fact]
    public async Task Validate_ValidFile_Exits0AndWritesNothingToStdout()
    {
        Write("quantapilot.yml", "version: 1\n");

        Assert.Equal(ExitCodes.Done, await _cli.RunAsync("validate"));
        Assert.Equal("", _cli.Out.Output);
        Assert.Contains("quantapilot.yml is valid.", _cli.Error.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("note:", _cli.Error.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Validate_Faults_AreOneALineWithTheirPlaces()
    {
        Write("quantapilot.yml", Bad);

        Assert.Equal(ExitCodes.Failed, await _cli.RunAsync("validate"));
        Assert.Equal(
            [
                "quantapilot.yml:4:24: gates.anchor.approvals: must be a whole number from 1 to 20, not '0'",
                "quantapilot.yml:2:8: merge: must be one of squash, merge, rebase, not 'octopus'",
            ],
            Lines());
        Assert.Equal("", _cli.Error.Output);
    }

    [Fact]
    public async Task Validate_Json_GivesEachFaultOfEachFile()
    {
        Write("one/quantapilot.yml", "version: 1");
        Write("two.yml", Bad);

        Assert.Equal(ExitCodes.Failed, await _cli.RunAsync("validate", "--json", "one", "two.yml"));
        using var json = JsonDocument.Parse(_cli.Out.Output);
        var faults = json.RootElement.EnumerateArray().ToList();
        Assert.Equal(2, faults.Count);
        Assert.Equal(["file", "line", "column", "path", "message"], faults[0].EnumerateObject().Select(member => member.Name));
        Assert.Equal("two.yml", faults[1].GetProperty("file").GetString());
        Assert.Equal((2, 8), (faults[1].GetProperty("line").GetInt32(), faults[1].GetProperty("column").GetInt32()));
        Assert.Equal("merge", faults[1].GetProperty("path").GetString());
        Assert.Contains("one/quantapilot.yml is valid.", _cli.Error.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Validate_JsonOfAValidFile_IsAnEmptyList()
    {
        Write("quantapilot.yml", "version: 1");

        Assert.Equal(ExitCodes.Done, await _cli.RunAsync("validate", "--json"));
        Assert.Equal("[]", _cli.Out.Output.Trim());
    }

    [Fact]
    public async Task Validate_Dash_ReadsStandardInput()
    {
        _cli.Input = "version: 2";

        Assert.Equal(ExitCodes.Failed, await _cli.RunAsync("validate", "-"));
        Assert.Equal(["<stdin>:1:10: version: must be 1, not '2'"], Lines());
    }

    [Fact]
    public async Task Validate_EndlessInput_IsReadNoFurtherThanItTakesToSay()
    {
        _cli.Input = new string('#', 200_000);

        Assert.Equal(ExitCodes.Failed, await _cli.RunAsync("validate", "-"));
        Assert.Equal(["<stdin>:1:1: the file has more than 65536 characters, which is the most that is accepted"], Lines());
    }

    [Fact]
    public async Task Validate_WhatOnlyTheHostKnows_IsNotedOnStderr()
    {
        _cli.Input =
            """
            version: 1
            documentation: { agent: architect }
            agents:
              architect: { type: chat, role: documentation }
              coder:     { type: command, run: [bash, agent.sh] }
              remote:    { type: http, endpoint: build-farm }
              unused:    { type: http, endpoint: other }
            milestones:
              - id: M-001
                title: t
                tasks: [ { agent: coder, prompt: p }, { agent: remote, prompt: p } ]
                checks: [ { run: [make, test] } ]
            """;

        Assert.Equal(ExitCodes.Done, await _cli.RunAsync("validate", "-"));
        Assert.Equal("", _cli.Out.Output);
        Assert.Contains(
            "note: not seen from here is whether the host lets this repository start programs (agent coder, checks) and has them "
            + "and has the endpoints build-farm, default in its settings.",
            _cli.Error.Output.ReplaceLineEndings(" "),
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("validate", "There is no file quantapilot.yml. 'qp init' writes a first quantapilot.yml.")]
    [InlineData("validate data", "There is no file data/quantapilot.yml.")]
    [InlineData("validate - nowhere.yml", "There is no file nowhere.yml.")]
    [InlineData("validate --colour", "--colour")]
    public async Task Validate_WrongUse_Exits2AndNamesIt(string commandLine, string named)
    {
        Assert.Equal(ExitCodes.WrongUse, await _cli.RunAsync(commandLine.Split(' ')));
        Assert.Contains(named, _cli.Error.Output, StringComparison.Ordinal);
        Assert.Contains("See: qp validate --help", _cli.Error.Output, StringComparison.Ordinal);
        Assert.Equal("", _cli.Out.Output);
    }

    [Fact]
    public async Task Validate_TextThatSteersTerminals_IsShownWithoutIt()
    {
        _cli.Input = "version: 1\nmerge: \"\\e[31mred\"";

        Assert.Equal(ExitCodes.Failed, await _cli.RunAsync("validate", "-"));
        Assert.DoesNotContain('\u001b', _cli.Out.Output);
        Assert.Contains("merge: must be one of", _cli.Out.Output, StringComparison.Ordinal);
    }

    private string[] Lines() => _cli.Out.Output.TrimEnd().Split('\n');

    private void Write(string path, string text)
    {
        var full = Path.Combine(_cli.WorkingDirectory, path);
        Directory.CreateDirectory(Path.GetDirectoryName(full)!);
        File.WriteAllText(full, text);
    }
}
