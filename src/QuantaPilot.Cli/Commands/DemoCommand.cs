using System.CommandLine;
using System.Text.Json.Nodes;
using QuantaPilot.Cli.Client;
using QuantaPilot.Cli.CommandLine;
using QuantaPilot.Cli.Demo;
using QuantaPilot.Cli.Output;
using QuantaPilot.Cli.Runs;
using QuantaPilot.Core.Contracts;
using QuantaPilot.Core.Runs;

namespace QuantaPilot.Cli.Commands;

internal static class DemoCommand
{
    public static Command Create(CommandBuilder builder)
    {
        var yes = new Option<bool>("--yes", "-y") { Description = "Approve at each gate without asking." };
        var command = new Command("demo", "Run a whole pipeline over a sample repository, here and now.") { yes, builder.Options.Json };
        command.SetAction(async (parse, cancellationToken) =>
        {
            var environment = builder.Environment;
            if (!parse.GetValue(yes) && !environment.Interactive)
                throw new UsageException("There is nobody to ask at the gates: give --yes.");

            var directory = Directory.CreateTempSubdirectory("qp-demo-").FullName;
            var repository = Path.Combine(directory, "shop.git");
            SampleRepository.Create(repository, environment.Time.GetLocalNow());
            var url = RepositoryPath.ToUrl(repository, directory);
            var target = new ConnectionRequest(null, null, Path.Combine(directory, "data")) { Grant = new LocalGrant(url, Commands: true) };
            await using var connection = await ServerConnection.OpenAsync(environment, target, cancellationToken);
            var call = new CommandCall(environment, connection, parse, parse.GetValue(builder.Options.Json), cancellationToken);
            return await RunAsync(call, url, repository, parse.GetValue(yes));
        });
        return command;
    }

    private static async Task<int> RunAsync(CommandCall call, string url, string repository, bool yes)
    {
        var environment = call.Environment;
        environment.Error.Line($"A sample repository with two milestones: {repository}");
        if (!yes)
            environment.Error.Line(
                ("The run asks you before each of its three merges. Arrow keys and Enter answer, Ctrl+C stops it.", Styles.Dim));
        var accepted = (await call.Client.StartRunAsync(new RunRequest(url, SampleRepository.Branch), call.CancellationToken)).Value;
        GateAnswer answer = yes
            ? GatePrompt.ApproveAsync
            : (gate, cancellationToken) => GatePrompt.AskAsync(environment.Error, gate, cancellationToken);
        var lines = new EventLines(call.Json ? environment.Error : environment.Out, environment.Time, json: false);
        var watcher = new RunWatcher(call, lines, answer) { ShowsGates = !yes };
        var run = await Foreground.FollowAsync(call, watcher, accepted.RunId);
        var log = SampleRepository.ReadLog(repository);
        if (call.Json) WriteJson(call, run, repository, log, await ReadEventsAsync(call, accepted));
        else Write(call, run.Value, repository, log);
        return ExitCodes.For(run.Value);
    }

    private static async Task<List<ReceivedEvent>> ReadEventsAsync(CommandCall call, RunAccepted accepted)
    {
        var all = new List<ReceivedEvent>();
        while (await call.Client.ListEventsAsync(accepted.RunId, all.Count == 0 ? 0 : all[^1].Sequence, call.CancellationToken) is { Count: > 0 } events)
        {
            all.AddRange(events);
        }
        return all;
    }

    private static void Write(CommandCall call, RunResource run, string repository, IReadOnlyList<DemoCommit> log)
    {
        var console = call.Environment.Out;
        console.Line();
        console.Line($"git log of {SampleRepository.Branch}:");
        foreach (var commit in log)
        {
            console.Line(
                ($"  {RunText.Short(commit.Sha)}  ", Styles.Ask), (commit.Subject, Styles.Strong), ($"  ({commit.Author})", Styles.Dim));
            foreach (var file in commit.Files) console.Line(("              " + file, Styles.Dim));
        }
        if (run.Error is { } error) call.Environment.Error.Line(($"{error.ErrorCode}: {error.Message}", Styles.Bad));
        var notes = call.Environment.Error;
        notes.Line();
        if (!run.Status.HasEnded())
        {
            notes.Line($"Left as it is. Go on with: {call.Hint($"resume {run.RunId}")}");
            return;
        }
        var tryIt = run.Status == RunStatus.Completed ? " && bash bin/receipt.sh data/basket.csv" : "";
        notes.Line($"Look around: git clone {Shell.Quote(repository)} shop && cd shop{tryIt}");
        notes.Line($"Then try yours: {call.Environment.SelfName} run --repo PATH_OR_URL --branch main");
    }

    private static void WriteJson(
        CommandCall call, Answer<RunResource> run, string repository, IReadOnlyList<DemoCommit> log, List<ReceivedEvent> events)
    {
        var result = new JsonObject
        {
            ["repository"] = repository,
            ["run"] = JsonNode.Parse(run.Json),
            ["events"] = new JsonArray([.. events.Select(e => JsonNode.Parse(e.Json))]),
            ["commits"] = new JsonArray([.. log.Select(commit => new JsonObject
            {
                ["sha"] = commit.Sha,
                ["author"] = commit.Author,
                ["subject"] = commit.Subject,
                ["files"] = new JsonArray([.. commit.Files.Select(file => JsonValue.Create(file))]),
            })]),
        };
        call.Environment.Out.Json(result.ToJsonString());
    }
}
