using System.CommandLine;
using System.Text.Json.Nodes;
using LibGit2Sharp;
using QuantaPilot.Cli.CommandLine;
using QuantaPilot.Cli.Output;
using QuantaPilot.Cli.Pipelines;
using QuantaPilot.Core.Pipeline;
using QuantaPilot.Integrations.Outline.Profiling;

namespace QuantaPilot.Cli.Commands;

internal static class InitCommand
{
    public static Command Create(CommandBuilder builder)
    {
        var directory = new Argument<string>("directory")
        {
            Description = "The repository. Default: the present directory.",
            DefaultValueFactory = _ => ".",
        };
        var force = new Option<bool>("--force", "-f") { Description = "Overwrite the file that is there." };
        var stdout = new Option<bool>("--stdout", "--dry-run") { Description = "Write it to standard output and change nothing." };
        var schema = new Option<string>("--schema")
        {
            Description = $"Where editors find the schema: a URL, or a path from the file. Default: {PipelineTemplate.SchemaUrl}.",
            HelpName = "url",
            DefaultValueFactory = _ => PipelineTemplate.SchemaUrl,
        };
        schema.Validators.Add(result =>
        {
            if (result.Tokens is [{ Value: var text }] && (text.Length == 0 || text.Any(c => char.IsWhiteSpace(c) || char.IsControl(c))))
                result.AddError("--schema takes a URL or a path without spaces.");
        });
        var command = new Command("init", $"Write a first {PipelineReader.DefaultPath} for a repository.")
        {
            directory, force, stdout, schema, builder.Options.Json,
        };
        command.SetAction((parse, cancellationToken) => Task.FromResult(Run(
            builder.Environment,
            new InitRequest(
                parse.GetValue(directory)!, parse.GetValue(force), parse.GetValue(stdout), parse.GetValue(schema)!,
                parse.GetValue(builder.Options.Json)),
            cancellationToken)));
        return command;
    }

    private static int Run(CliEnvironment environment, InitRequest request, CancellationToken cancellationToken)
    {
        var directory = Path.GetFullPath(request.Directory, environment.WorkingDirectory);
        if (!Directory.Exists(directory)) throw new UsageException($"'{request.Directory}' is no directory.");
        var path = Path.Combine(request.Directory, PipelineReader.DefaultPath);
        var profile = Profile(environment, directory, cancellationToken);
        var text = PipelineTemplate.Write(profile, request.Schema);
        if (request.ToStdout)
        {
            environment.Out.Profile.Out.Writer.Write(text);
            return ExitCodes.Done;
        }
        Write(environment, directory, path, text, request.Force);
        Tell(environment, path, profile, request.Json);
        return ExitCodes.Done;
    }

    /// <summary>What the commit at hand shows; nothing where there is none.</summary>
    private static RepositoryProfile Profile(CliEnvironment environment, string directory, CancellationToken cancellationToken)
    {
        if (Repository.Discover(directory) is not { } found)
        {
            environment.Error.Line(("note: this is no git repository; runs take the file from a commit of one.", Styles.Ask));
            return RepositoryProfile.Empty;
        }
        try
        {
            using var repository = new Repository(found);
            if (repository.Info.IsBare) throw new UsageException($"{directory} is a bare repository: give the directory of a checkout.");
            if (repository.Info.WorkingDirectory is { } root && !IsSame(root, directory))
            {
                environment.Error.Line((
                    $"note: the repository begins at {root}, where runs look for the file; for this one they need --config.", Styles.Ask));
            }
            if (repository.Head.Tip is { } head) return RepositoryProfile.Read(found, head.Sha, cancellationToken);
            environment.Error.Line(("note: there is no commit yet, so nothing is known of the project.", Styles.Ask));
            return RepositoryProfile.Empty;
        }
        catch (LibGit2SharpException e)
        {
            throw new CliException($"The repository at {directory} can't be read: {e.Message}", inner: e);
        }
    }

    private static bool IsSame(string one, string other) =>
        Path.TrimEndingDirectorySeparator(Path.GetFullPath(one)) == Path.TrimEndingDirectorySeparator(other);

    private static void Write(CliEnvironment environment, string directory, string path, string text, bool force)
    {
        try
        {
            var mode = force ? FileMode.Create : FileMode.CreateNew;
            using var stream = new FileStream(Path.Combine(directory, PipelineReader.DefaultPath), mode, FileAccess.Write);
            using var writer = new StreamWriter(stream);
            writer.Write(text);
        }
        catch (IOException) when (!force && File.Exists(Path.Combine(directory, PipelineReader.DefaultPath)))
        {
            throw new CliException($"{path} is there already. '{environment.SelfName} validate' checks it; --force overwrites it.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CliException($"{path} can't be written: {e.Message}", inner: e);
        }
    }

    private static void Tell(CliEnvironment environment, string path, RepositoryProfile profile, bool json)
    {
        if (json)
        {
            environment.Out.Json(new JsonObject
            {
                ["file"] = path,
                ["languages"] = new JsonArray([.. profile.Languages.Select(name => JsonValue.Create(name))]),
                ["documentation_path"] = profile.DocumentationPath,
                ["checks"] = new JsonArray(
                    [.. profile.Checks.Select(check => new JsonArray([.. check.Run.Select(word => JsonValue.Create(word))]))]),
            }.ToJsonString());
            return;
        }
        environment.Out.Line(path);
        var found = profile.Checks.Select(check => string.Join(' ', check.Run)).ToList();
        environment.Error.Line(found.Count == 0
            ? "No command that runs the tests was recognised."
            : $"Checks to consider, as comments in it: {string.Join("; ", found)}");
        environment.Error.Line(($"Commit it, then: {environment.SelfName} run --repo . --branch main", Styles.Dim));
    }

    private sealed record InitRequest(string Directory, bool Force, bool ToStdout, string Schema, bool Json);
}
