using QuantaPilot.Benchmarks;

var options = new Dictionary<string, string>();
for (var i = 1; i + 1 < args.Length; i += 2) options[args[i].TrimStart('-')] = args[i + 1];

switch (args.FirstOrDefault())
{
    case "serve":
        await ServeCommand.RunAsync(options["url"], options["data"]);
        return 0;
    case "commits":
        await CommitFigures.RunAsync();
        return 0;
    case "history":
        await HistoryFigures.RunAsync();
        return 0;
    case "waiting":
        await WaitingFigures.RunAsync(Count("runs", 100_000));
        return 0;
    case "restart":
        await RestartFigures.RunAsync(Count("runs", 10_000));
        return 0;
    case "idle":
        await IdleFigures.RunAsync(TimeSpan.FromSeconds(Count("seconds", 30)));
        return 0;
    default:
        await Console.Error.WriteLineAsync("usage: serve --url URL --data DIR | commits | history | waiting [--runs N] | restart [--runs N] | idle [--seconds N]");
        return 2;
}

int Count(string name, int fallback) =>
    options.TryGetValue(name, out var text) ? int.Parse(text, System.Globalization.CultureInfo.InvariantCulture) : fallback;
