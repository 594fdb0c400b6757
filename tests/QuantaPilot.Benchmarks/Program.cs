using QuantaPilot.Benchmarks;
using QuantaPilot.Benchmarks.Large;
using QuantaPilot.Benchmarks.Load;

var options = new Dictionary<string, string>();
for (var i = 1; i + 1 < args.Length; i += 2) options[args[i].TrimStart('-')] = args[i + 1];

switch (args.FirstOrDefault())
{
    case "serve":
        await ServeCommand.RunAsync(options["url"], options["data"], options.ContainsKey("bare"), options.ContainsKey("real"));
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
    case "sse":
        await SseFigures.RunAsync(Count("streams", 1_000), Count("events", 30), TimeSpan.FromSeconds(Count("seconds", 20)));
        return 0;
    case "accept":
        await AcceptFigures.RunAsync(Count("runs", 4_000));
        return 0;
    case "webhooks":
        await WebhookFigures.RunAsync(Count("runs", 300), Count("subscriptions", 10));
        return 0;
    case "clone":
        await CloneFigures.RunAsync(Count("rounds", 3), cancels: Count("cancels", 1) > 0, run: Count("run", 1) > 0);
        return 0;
    case "merge":
        await MergeFigures.RunAsync(Count("files", 20_000), Count("cancels", 8));
        return 0;
    case "load" when Servers() is { Count: > 0 } servers && options.TryGetValue("token", out var token):
        return await LoadCommand.RunAsync(servers, token, Count("runs", 200), TimeSpan.FromSeconds(Count("timeout", 1_800)));
    default:
        await Console.Error.WriteLineAsync(
            "usage: serve --url URL --data DIR | commits | history | waiting [--runs N] | restart [--runs N] | idle [--seconds N]\n"
            + "     | sse [--streams N] [--events PER-SECOND] [--seconds N] | accept [--runs N]\n"
            + "     | webhooks [--runs N] [--subscriptions N]\n"
            + "     | clone [--rounds N] [--cancels 0] [--run 0]\n"
            + "     | merge [--files N] [--cancels N]\n"
            + "     | load --url URL[,URL] --token TOKEN [--runs N] [--timeout SECONDS]");
        return 2;
}

// Empty if one of them is no URL.
List<Uri> Servers()
{
    var texts = options.GetValueOrDefault("url", "").Split(',');
    return texts.All(text => Uri.IsWellFormedUriString(text, UriKind.Absolute)) ? [.. texts.Select(text => new Uri(text))] : [];
}

int Count(string name, int fallback) =>
    options.TryGetValue(name, out var text) ? int.Parse(text, System.Globalization.CultureInfo.InvariantCulture) : fallback;
