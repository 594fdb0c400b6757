using QuantaPilot.Cli.CommandLine;
using QuantaPilot.Cli.Output;
using QuantaPilot.Cli.Runs;
using QuantaPilot.Host.Server;

namespace QuantaPilot.Cli.Tests;

public sealed class UsageTests : IDisposable
{
    private readonly CliRunner _cli = new();

    public void Dispose() => _cli.Dispose();

    [Theory]
    [InlineData("run", "--repo and --branch are missing")]
    [InlineData("run --repo https://example.com/x", "--branch is missing")]
    [InlineData("run --branch main", "--repo is missing")]
    [InlineData("run --repo https://example.com/x --branch main --correlation-id 12", "--correlation-id '12' is not a UUID")]
    [InlineData("run --repo nowhere --branch main", "--repo 'nowhere' is neither a URL nor a directory")]
    [InlineData("run --repo file:///x --branch main --allow-commands ftp://x", "--allow-commands: 'ftp://x'")]
    [InlineData("run --colour", "--colour")]
    [InlineData("serve --url ftp://127.0.0.1", "--url 'ftp://127.0.0.1' is not accepted")]
    [InlineData("serve --rate-limit trigger=5", "--rate-limit: 'trigger=5' is no rate limit")]
    [InlineData("serve --rate-limit triggers=-5", "where NAME is one of triggers, decisions, writes, reads, failed-authentications")]
    [InlineData("serve --trusted-proxies x", "--trusted-proxies 'x' is not accepted")]
    [InlineData("serve --retention-days -1", "--retention-days '-1' is not accepted")]
    [InlineData("serve --event-grid gates", "--event-grid 'gates' is not accepted: give NAME=ENDPOINT")]
    [InlineData("serve --event-grid gates=nowhere", "--event-grid 'gates=nowhere' is not accepted")]
    [InlineData("serve --github-approver octocat", "--github-approver needs the secret of GitHub's webhooks in QP_GITHUB_WEBHOOK_SECRET")]
    [InlineData("serve --agent farm", "--agent 'farm' is not accepted: give NAME=URL")]
    [InlineData("serve --agent build-farm=https://farm.example.com/", "set QP_AGENT_SECRET_BUILD_FARM to whsec_")]
    [InlineData("serve --entra-audience x", "--entra-authority is missing")]
    [InlineData("serve --entra-project https://example.com/*", "--entra-authority is missing")]
    [InlineData("serve --entra-authority https://login.example.com/t", "--entra-audience is missing")]
    [InlineData("serve --entra-authority http://login.example.com/t --entra-audience x", "it must be the https URL of one tenant")]
    [InlineData("serve --entra-authority https://login.example.com/common --entra-audience x", "common, organizations and consumers")]
    [InlineData("audit --after yesterday", "--after 'yesterday' is not accepted")]
    [InlineData("audit --action sleep", "sleep")]
    [InlineData("audit --run 0123", "--run '0123' is not a run id")]
    [InlineData("status", "'status'")]
    [InlineData("status 0123", "'0123' is not a run id")]
    [InlineData("status not-hex-at-all", "'not-hex-at-all' is not a run id")]
    [InlineData("reject 0123456789abcdef0123456789abcdef", "--reason is missing")]
    [InlineData("events 0123456789abcdef0123456789abcdef --after -1", "--after takes a sequence number")]
    [InlineData("list --status asleep", "asleep")]
    [InlineData("list --server nonsense", "--server 'nonsense' is not a URL")]
    [InlineData("demo", "give --yes")]
    [InlineData("token create olga", "--role")]
    [InlineData("token create --role approver", "'create'")]
    [InlineData("token create olga --role king", "king")]
    [InlineData("token create olga --role approver --expires soon", "--expires 'soon' is not accepted")]
    [InlineData("token revoke", "See: qp token revoke --help")]
    [InlineData("subscriptions create", "'create'")]
    [InlineData("subscriptions create https://example.com/ --event run_begun", "run_begun")]
    [InlineData("subscriptions test", "See: qp subscriptions test --help")]
    [InlineData("frobnicate", "frobnicate")]
    public async Task Run_WrongUse_Exits2AndNamesIt(string commandLine, string named)
    {
        _cli.Variables["QP_SERVER"] = "http://127.0.0.1:9";
        _cli.Variables["QP_TOKEN"] = FakeApi.Token;

        var exit = await _cli.RunAsync(commandLine.Split(' '));

        Assert.Equal(ExitCodes.WrongUse, exit);
        Assert.Contains(named, _cli.Error.Output, StringComparison.Ordinal);
        Assert.Contains("--help", _cli.Error.Output, StringComparison.Ordinal);
        Assert.Equal("", _cli.Out.Output);
    }

    [Fact]
    public async Task Serve_EventGrid_TakesKeysFromTheEnvironment()
    {
        ServerOptions? started = null;
        _cli.StartServer = (options, _) =>
        {
            started = options;
            throw new CliException("enough");
        };
        _cli.Variables["QP_EVENT_GRID_KEY_OUR_GATES"] = "the-key";

        await _cli.RunAsync(
            "serve",
            "--event-grid", "our-gates=https://one.example.com/api/events,gate_requested,gate_decision",
            "--event-grid", "all=https://two.example.com/api/events");

        Assert.Equal(
            [
                ("our-gates", "https://one.example.com/api/events", "gate_requested gate_decision", "the-key"),
                ("all", "https://two.example.com/api/events", "", null),
            ],
            started!.EventGridTopics.Select(t => (t.Name, t.Endpoint.ToString(), string.Join(' ', t.EventTypes), t.Key)));
    }

    [Fact]
    public async Task Serve_EventGridTopicThatIsNotAccepted_Exits2AndSaysWhatIs()
    {
        _cli.StartServer = LocalServer.StartAsync;

        var exit = await _cli.RunAsync(
            "serve", "--url", "http://127.0.0.1:0", "--event-grid", "gates=https://example.com/api/events,gate_opened");

        Assert.Equal(ExitCodes.WrongUse, exit);
        Assert.Contains("'gate_opened' is no event", _cli.Error.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Serve_Agents_GetTheirSecretsFromTheEnvironment()
    {
        ServerOptions? started = null;
        _cli.StartServer = (options, _) =>
        {
            started = options;
            throw new CliException("enough");
        };
        _cli.Variables["QP_AGENT_SECRET_BUILD_FARM"] = "whsec_one";
        _cli.Variables["QP_AGENT_SECRET_OTHER"] = "whsec_two";

        await _cli.RunAsync(
            "serve", "--public-url", "https://pilot.example.com",
            "--agent", "build-farm=https://farm.example.com/tasks,https://github.com/ours/*,https://github.com/theirs/*",
            "--agent", "other=https://other.example.com/");

        Assert.Equal(
            [
                ("build-farm", "https://farm.example.com/tasks", "whsec_one", "https://github.com/ours/* https://github.com/theirs/*"),
                ("other", "https://other.example.com/", "whsec_two", "*"),
            ],
            started!.Agents.Select(agent => (agent.Name, agent.Url, agent.Secret, string.Join(' ', agent.Projects))));
        Assert.Equal("https://pilot.example.com", started.PublicUrl);
    }

    [Theory]
    [InlineData("farm=http://farm.example.com/", "The URL of the agent 'farm' must begin with https://")]
    [InlineData("farm=https://farm.example.com/", "secret of the agent 'farm' is missing or not accepted")]
    public async Task Serve_AgentThatIsNotAccepted_Exits2AndSaysWhatIs(string agent, string why)
    {
        _cli.StartServer = LocalServer.StartAsync;
        _cli.Variables["QP_AGENT_SECRET_FARM"] = "hunter2hunter2";

        var exit = await _cli.RunAsync("serve", "--url", "http://127.0.0.1:0", "--agent", agent);

        Assert.Equal(ExitCodes.WrongUse, exit);
        Assert.Contains(why, _cli.Error.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2", _cli.Error.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Serve_WebhookHostThatIsNone_Exits2AndSaysWhatIs()
    {
        _cli.StartServer = LocalServer.StartAsync;

        var exit = await _cli.RunAsync("serve", "--url", "http://127.0.0.1:0", "--allow-webhooks", "http://example.com");

        Assert.Equal(ExitCodes.WrongUse, exit);
        Assert.Contains("give a host name or an address", _cli.Error.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Serve_Entra_TakesWhatIsGiven()
    {
        ServerOptions? started = null;
        _cli.StartServer = (options, _) =>
        {
            started = options;
            throw new CliException("enough");
        };

        await _cli.RunAsync(
            "serve",
            "--entra-authority", "https://login.example.com/t", "--entra-audience", "api://qp", "--entra-project", "https://example.com/*");

        var entra = started!.Entra!;
        Assert.Equal(("https://login.example.com/t", "api://qp"), (entra.Authority, entra.Audience));
        Assert.Equal(["https://example.com/*"], entra.Projects);
    }

    [Fact]
    public async Task Serve_EntraProjectThatIsNoGlob_Exits2AndNamesIt()
    {
        _cli.StartServer = LocalServer.StartAsync;

        var exit = await _cli.RunAsync(
            "serve", "--url", "http://127.0.0.1:0",
            "--entra-authority", "https://login.example.com/t", "--entra-audience", "x", "--entra-project", "ftp://x");

        Assert.Equal(ExitCodes.WrongUse, exit);
        Assert.Contains("'ftp://x' can match no repository", _cli.Error.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_NoArguments_ShowsTheCommandsAndExits2()
    {
        Assert.Equal(ExitCodes.WrongUse, await _cli.RunAsync());
        Assert.Contains("demo", _cli.Error.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Connect_NoToken_SaysHowToGiveOne()
    {
        var exit = await _cli.RunAsync("list", "--server", "http://127.0.0.1:9");

        Assert.Equal(ExitCodes.WrongUse, exit);
        Assert.Contains("--token", _cli.Error.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Connect_ServerAway_Exits1AndNamesIt()
    {
        var exit = await _cli.RunAsync("list", "--server", "http://127.0.0.1:9", "--token", "x");

        Assert.Equal(ExitCodes.Failed, exit);
        Assert.Contains("http://127.0.0.1:9/ can't be reached", _cli.Error.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void ToUrl_PathWithSpace_IsEscapedFileUrl()
    {
        var path = Directory.CreateDirectory(Path.Combine(_cli.WorkingDirectory, "a b")).FullName;

        Assert.Equal("file://" + path.Replace(" ", "%20", StringComparison.Ordinal), RepositoryPath.ToUrl("a b/", _cli.WorkingDirectory));
        Assert.Equal("file://" + _cli.WorkingDirectory, RepositoryPath.ToUrl(".", _cli.WorkingDirectory));
        Assert.Equal("https://example.com/x", RepositoryPath.ToUrl("https://example.com/x", _cli.WorkingDirectory));
    }

    [Theory]
    [InlineData("qp", "pnpm/9.0", "pnpm qp")]
    [InlineData("qp", "npm/10.0", "npm run qp --")]
    [InlineData("test", "npm/10.0", "./bin/qp")]
    public void SelfName_Launcher_IsWhatThePersonTyped(string script, string agent, string expected)
    {
        var variables = new Dictionary<string, string> { ["npm_lifecycle_event"] = script, ["npm_config_user_agent"] = agent, ["PATH"] = "/nowhere" };
        var name = SelfName.Find(variables.GetValueOrDefault, "/work/bin/qp", "/work/bin/qp.dll", "/work");
        Assert.Equal(expected.TrimStart('.', '/'), name.TrimStart('.', '/'));
    }

    [Theory]
    [InlineData("qp", "/home/me/project", "/home/me/project")]
    [InlineData("qp", null, "/package")]
    [InlineData("test", "/home/me/project", "/package")]
    public void WorkingDirectory_StartedAsAScript_IsWhereThePersonStands(string script, string? initial, string expected)
    {
        var variables = new Dictionary<string, string?> { ["npm_lifecycle_event"] = script, ["INIT_CWD"] = initial };

        Assert.Equal(expected, SelfName.WorkingDirectory(variables.GetValueOrDefault, "/package"));
    }

    [Theory]
    [InlineData("short", "short")]
    [InlineData("one two three four", "one two|three four")]
    [InlineData("- one two three", "- one two|  three")]
    [InlineData("- areallylongword two", "- areallylongword|  two")]
    [InlineData("areallylongword", "areallylongword")]
    [InlineData("  two areallylongword", "  two|areallylongword")]
    [InlineData("", "")]
    public void Wrap_Line_IsBrokenBetweenWordsOnly(string line, string expected) =>
        Assert.Equal(expected.Split('|'), ConsoleLines.Wrap(line, 11));

    [Theory]
    [InlineData("plain-word_1.0/x", "plain-word_1.0/x")]
    [InlineData("two words", "'two words'")]
    [InlineData("it's", "'it'\\''s'")]
    [InlineData("$(rm -rf ~)", "'$(rm -rf ~)'")]
    public void Quote_Word_SurvivesAShell(string word, string expected) => Assert.Equal(expected, Shell.Quote(word));
}
