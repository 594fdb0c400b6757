using System.CommandLine;
using System.Text.Json.Nodes;
using QuantaPilot.Cli.CommandLine;
using QuantaPilot.Cli.Output;
using QuantaPilot.Cli.Pipelines;
using QuantaPilot.Core.Pipeline;
using Spectre.Console;

namespace QuantaPilot.Cli.Commands;

internal static class ValidateCommand
{
    public static Command Create(CommandBuilder builder)
    {
        var paths = new Argument<string[]>("path")
        {
            Description = $"Files, directories that hold a {PipelineReader.DefaultPath}, or - for standard input. "
                + $"Default: ./{PipelineReader.DefaultPath}.",
            Arity = ArgumentArity.ZeroOrMore,
        };
        var command = new Command(
            "validate", $"Check a {PipelineReader.DefaultPath} without a server: every fault with its line and column.")
        {
            paths, builder.Options.Json,
        };
        command.SetAction(parse =>
        {
            var environment = builder.Environment;
            var given = parse.GetValue(paths) is { Length: > 0 } some ? some : [PipelineReader.DefaultPath];
            // All of them first: a name that is wrong is wrong use, whatever is in the other files.
            var files = given.Select(path => PipelineFile.Open(path, environment)).ToList();
            return Check(environment, files, parse.GetValue(builder.Options.Json));
        });
        return command;
    }

    private static int Check(CliEnvironment environment, List<PipelineFile> files, bool json)
    {
        var found = new JsonArray();
        var exit = ExitCodes.Done;
        foreach (var file in files)
        {
            var reading = PipelineReader.Check(file.Text);
            foreach (var fault in reading.Faults)
            {
                if (json) found.Add(ToJson(file, fault));
                else environment.Out.Line(ToLine(file, fault));
            }
            if (reading.Pipeline is { } pipeline) Tell(environment, file, pipeline);
            else exit = ExitCodes.Failed;
        }
        if (json) environment.Out.Json(found.ToJsonString());
        return exit;
    }

    private static void Tell(CliEnvironment environment, PipelineFile file, PipelineDefinition pipeline)
    {
        environment.Error.Line((file.Name, Styles.Strong), (" is valid.", Styles.Good));
        if (HostNeeds.Describe(pipeline) is { } needs) environment.Error.Line(($"note: {needs}", Styles.Dim));
    }

    /// <summary>In the form of compilers, so that editors and terminals jump to the place.</summary>
    private static (string Text, Style Style)[] ToLine(PipelineFile file, PipelineFault fault) =>
    [
        ($"{file.Name}:{fault.Line}:{fault.Column}: ", Styles.Plain),
        (fault.Path.Length == 0 ? "" : $"{fault.Path}: ", Styles.Strong),
        (fault.Message, Styles.Plain),
    ];

    private static JsonObject ToJson(PipelineFile file, PipelineFault fault) => new()
    {
        ["file"] = file.Name,
        ["line"] = fault.Line,
        ["column"] = fault.Column,
        ["path"] = fault.Path,
        ["message"] = fault.Message,
    };
}
