using System.CommandLine;
using System.Reflection;
using System.Text.Json.Nodes;
using QuantaPilot.Cli.Client;
using QuantaPilot.Cli.CommandLine;
using QuantaPilot.Cli.Output;
using QuantaPilot.Engine;
using QuantaPilot.Engine.Storage;
using QuantaPilot.Host.Checkup;

namespace QuantaPilot.Cli.Commands;

internal static class DoctorCommand
{
    public static Command Create(CommandBuilder builder)
    {
        var command = new Command(
            "doctor", "Before an upgrade: replay the unfinished runs of a data directory against this build, changing nothing.")
        {
            builder.Options.Data, builder.Options.Json,
        };
        command.SetAction((parse, cancellationToken) =>
        {
            var directory = builder.Options.DataDirectory(parse, builder.Environment);
            using var checkup = Open(directory);
            return Task.FromResult(Check(builder.Environment, checkup, parse.GetValue(builder.Options.Json), cancellationToken));
        });
        return command;
    }

    private static DataCheckup Open(string directory)
    {
        try
        {
            return DataCheckup.Open(directory);
        }
        catch (DirectoryNotFoundException e)
        {
            throw new UsageException($"{e.Message} Name the data directory of a server with --data.");
        }
        catch (Exception e) when (e is SqliteFileException or IOException or UnauthorizedAccessException)
        {
            throw new CliException(e.Message, inner: e);
        }
    }

    private static int Check(CliEnvironment environment, DataCheckup checkup, bool json, CancellationToken cancellationToken)
    {
        var report = new Report(environment, json);
        report.Begin(checkup);
        foreach (var replay in checkup.ReplayUnfinished())
        {
            cancellationToken.ThrowIfCancellationRequested();
            report.Add(replay);
        }
        report.End([.. checkup.FindWarnings(), .. FindGrantFault(checkup.Directory)]);
        return report.Misfits == 0 ? ExitCodes.Done : ExitCodes.Failed;
    }

    private static IEnumerable<string> FindGrantFault(string directory)
    {
        try
        {
            LocalGrants.Read(directory);
            return [];
        }
        catch (CliException e)
        {
            return [e.Message];
        }
    }

    /// <summary>Writes what is found as it is found: there may be a hundred thousand of them.</summary>
    private sealed class Report(CliEnvironment environment, bool json)
    {
        private readonly Dictionary<string, int> _seen = [];
        private int _freed;

        public int Misfits { get; private set; }

        private static string Build =>
            typeof(DoctorCommand).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion;

        private TextWriter Out => environment.Out.Profile.Out.Writer;

        public void Begin(DataCheckup checkup)
        {
            if (json)
            {
                var head = new JsonObject
                {
                    ["data"] = checkup.Directory,
                    ["build"] = Build,
                    ["server_running"] = checkup.IsInUse,
                    ["copied"] = checkup.IsCopy,
                }.ToJsonString();
                Out.Write(head[..^1] + ",\"stuck\":[");
                return;
            }
            var how = (checkup.IsInUse ? ", beside its server" : "") + (checkup.IsCopy ? ", on a copy" : "");
            environment.Error.Line(($"{checkup.Directory} against build {Build}{how}", Styles.Dim));
        }

        public void Add(InstanceReplay replay)
        {
            _seen[replay.Orchestration] = _seen.GetValueOrDefault(replay.Orchestration) + 1;
            if (replay.Fits)
            {
                if (replay.IsStuck) _freed++;
                return;
            }
            Misfits++;
            if (json) Out.Write((Misfits > 1 ? "," : "") + ToJson(replay).ToJsonString());
            else environment.Out.Line(($"{replay.Orchestration} {replay.InstanceId}: ", Styles.Strong), (Describe(replay), Styles.Plain));
        }

        public void End(IReadOnlyList<string> warnings)
        {
            var unfinished = _seen.Values.Sum();
            if (json)
            {
                var tail = new JsonObject
                {
                    ["unfinished"] = unfinished,
                    ["freed"] = _freed,
                    ["warnings"] = new JsonArray([.. warnings.Select(warning => JsonValue.Create(warning))]),
                }.ToJsonString();
                environment.Out.Json("]," + tail[1..]);
                return;
            }
            foreach (var warning in warnings) environment.Error.Line(("warning: ", Styles.Ask), (warning, Styles.Plain));
            if (_freed > 0) environment.Error.Line($"{_freed} that {(_freed == 1 ? "is" : "are")} stuck now would go on.");
            var kinds = string.Join(
                ", ", _seen.OrderBy(kind => kind.Key, StringComparer.Ordinal).Select(kind => $"{kind.Key} {kind.Value}"));
            environment.Error.Line(
                ($"{unfinished} unfinished{(kinds.Length == 0 ? "" : $" ({kinds})")}: ", Styles.Plain),
                Misfits == 0 ? ("all would go on", Styles.Good) : ($"{Misfits} would be stuck", Styles.Bad));
        }

        private static string Describe(InstanceReplay replay) =>
            $"{(replay.IsStuck ? "would stay stuck" : "would be stuck")}: {replay.Mismatch?.ToString() ?? replay.Fault}";

        private static JsonObject ToJson(InstanceReplay replay) => new()
        {
            ["instance_id"] = replay.InstanceId,
            ["orchestration"] = replay.Orchestration,
            ["stuck_already"] = replay.IsStuck,
            ["expected"] = replay.Mismatch?.Expected,
            ["found"] = replay.Mismatch?.Found,
            ["turn"] = replay.Mismatch?.Turn,
            ["position"] = replay.Mismatch?.Position,
            ["fault"] = replay.Fault,
        };
    }
}
