using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using System.Text.Json.Nodes;
using QuantaPilot.Api.Limits;
using QuantaPilot.Cli.Client;
using QuantaPilot.Cli.CommandLine;
using QuantaPilot.Cli.Output;
using QuantaPilot.Core.Limits;
using QuantaPilot.Host.Server;

namespace QuantaPilot.Cli.Commands;

internal static class ServeCommand
{
    public static Command Create(CommandBuilder builder)
    {
        var options = builder.Options;
        var environment = builder.Environment;
        var url = new Option<string?>("--url") { Description = "Where to listen. Default: http://127.0.0.1:7071.", HelpName = "url" };
        url.Validators.Add(result =>
        {
            if (result.Tokens.Count == 1
                && !(Uri.TryCreate(result.Tokens[0].Value, UriKind.Absolute, out var value) && value.Scheme == "http"))
                result.AddError($"--url '{result.Tokens[0].Value}' is not accepted: give http://ADDRESS:PORT, e.g. http://127.0.0.1:7071.");
        });
        var limits = new Option<string[]>("--rate-limit")
        {
            Description = "Requests per minute and token, e.g. triggers=60 (also decisions, writes, reads, and failed-authentications "
                + "per address); 0 for no limit. May be repeated.",
            HelpName = "name=count",
        };
        limits.Validators.Add(CheckLimits);
        var proxies = new Option<int>("--trusted-proxies")
        {
            Description = "How many proxies in front append to X-Forwarded-For. Default: 0, addresses are those of connections.",
            HelpName = "count",
        };
        proxies.Validators.Add(result => CheckNumber(result, 10));
        var retention = new Option<int>("--retention-days")
        {
            Description = "Delete runs so many days after their end, with their events. Default: 0, they are kept for ever.",
            HelpName = "days",
        };
        retention.Validators.Add(result => CheckNumber(result, 36_500));
        var eventGrid = new Option<string[]>("--event-grid")
        {
            Description = "Publish events to an Event Grid topic, as NAME=ENDPOINT[,event…]; without events: all. May be repeated. "
                + $"Its key is taken from {EventGridOption.KeyVariable("NAME")}; without one, the host's Azure identity counts.",
            HelpName = "name=endpoint",
        };
        var dailyLimits = new Option<string[]>("--daily-limit")
        {
            Description = $"What the runs of each project may use up in a day (UTC), as {DailyLimit.Accepted}. "
                + "May be repeated. Default: no limit.",
            HelpName = "glob=limits",
        };
        dailyLimits.Validators.Add(CheckDailyLimits);
        var webhookHosts = new Option<string[]>("--allow-webhooks")
        {
            Description = "Let webhooks go to this host, whatever its addresses, also over http. May be repeated. "
                + "Default: none, only public addresses over https.",
            HelpName = "host",
        };
        var noMetrics = new Option<bool>("--no-metrics") { Description = "Count nothing: GET /metrics answers 404." };
        var agents = new Option<string[]>("--agent")
        {
            Description = "An agent elsewhere, as NAME=URL[,glob…] with the repositories whose tasks it gets; without any: all. "
                + $"May be repeated. Its secret is taken from {AgentOption.SecretVariable("NAME")}; its host is checked as for webhooks.",
            HelpName = "name=url",
        };
        var publicUrl = new Option<string?>("--public-url")
        {
            Description = "Where agents elsewhere reach this server. Default: where it listens.",
            HelpName = "url",
        };
        var command = new Command("serve", "Run the server until it is stopped (Ctrl+C, SIGTERM).")
        {
            url, options.Data, options.Allow, options.AllowCommands, eventGrid, webhookHosts, agents, publicUrl, dailyLimits, limits,
            proxies, retention, noMetrics, options.Json,
        };
        var entra = new EntraServeOptions();
        entra.AddTo(command);
        var gitHub = new GitHubServeOption();
        gitHub.AddTo(command);
        var gitHubHooks = new GitHubHookServeOptions();
        gitHubHooks.AddTo(command);
        var chat = new ChatServeOption();
        chat.AddTo(command);
        var concurrency = new ConcurrencyServeOptions();
        concurrency.AddTo(command);
        command.SetAction(async (parse, cancellationToken) =>
        {
            var directory = options.DataDirectory(parse, environment);
            var grants = LocalGrants.Read(directory);
            var settings = new ServerOptions
            {
                DataDirectory = directory,
                AllowedRepositories = LocalGrants.Allow(parse.GetValue(options.Allow) ?? [], grants),
                AllowedCommands = [
                    .. parse.GetValue(options.AllowCommands) ?? [], .. grants.Where(g => g.Commands).Select(g => g.Repository)],
                RateLimits = new RateLimitOptions { TrustedProxies = parse.GetValue(proxies) }.With(parse.GetValue(limits) ?? []),
                DailyLimits = [.. (parse.GetValue(dailyLimits) ?? []).Select(DailyLimit.Parse)],
                RetentionDays = parse.GetValue(retention),
                Metrics = !parse.GetValue(noMetrics),
                AllowedWebhookHosts = parse.GetValue(webhookHosts) ?? [],
                Agents = [.. (parse.GetValue(agents) ?? []).Select(text => AgentOption.Parse(text, environment.Variable))],
                PublicUrl = parse.GetValue(publicUrl),
                Entra = entra.Read(parse),
                GitHub = gitHub.Read(parse, environment),
                GitHubHooks = gitHubHooks.Read(parse, environment.Variable),
                ChatEndpoints = chat.Read(parse, environment.Variable),
                Concurrency = concurrency.Read(parse),
                EventGridTopics = [.. (parse.GetValue(eventGrid) ?? []).Select(text => EventGridOption.Parse(text, environment.Variable))],
            };
            if (parse.GetValue(url) is { } given) settings = settings with { Url = given };
            foreach (var grant in grants)
            {
                environment.Error.Line(
                    $"also allowed: {grant.Repository}{(grant.Commands ? " and its commands" : "")} (a run of it was started here and has not ended)");
            }

            await using var server = await environment.StartServer(settings, cancellationToken);
            Tell(environment, server.Url, directory, parse.GetValue(options.Json));
            await server.WaitForShutdownAsync(cancellationToken);
            return ExitCodes.Done;
        });
        return command;
    }

    private static void CheckNumber(OptionResult result, int max)
    {
        if (result.Tokens is not [{ Value: var text }]) return;
        if (!int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) || number > max)
            result.AddError($"{result.Option.Name} '{text}' is not accepted: give a number from 0 to {max}.");
    }

    private static void CheckLimits(OptionResult result)
    {
        try
        {
            new RateLimitOptions().With(result.Tokens.Select(token => token.Value));
        }
        catch (FormatException e)
        {
            result.AddError($"--rate-limit: {e.Message}");
        }
    }

    private static void CheckDailyLimits(OptionResult result)
    {
        try
        {
            foreach (var token in result.Tokens) DailyLimit.Parse(token.Value);
        }
        catch (FormatException e)
        {
            result.AddError($"--daily-limit: {e.Message}");
        }
    }

    private static void Tell(CliEnvironment environment, Uri url, string directory, bool json)
    {
        var token = Path.Combine(directory, ServerConnection.TokenFile);
        if (json)
        {
            environment.Out.Json(new JsonObject { ["url"] = url.AbsoluteUri, ["token_file"] = token }.ToJsonString());
            return;
        }
        environment.Error.Line(("listening on ", Styles.Plain), (url.AbsoluteUri.TrimEnd('/'), Styles.Strong));
        environment.Error.Line($"admin token: {token}");
    }
}
