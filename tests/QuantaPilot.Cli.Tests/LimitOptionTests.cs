using QuantaPilot.Cli.CommandLine;
using QuantaPilot.Core.Admission;
using QuantaPilot.Core.Limits;
using QuantaPilot.Host.Server;

namespace QuantaPilot.Cli.Tests;

/// <summary>The options of <c>serve</c> that say how much, how many and who.</summary>
public sealed class LimitOptionTests : IDisposable
{
    private const string Secret = "whsec_AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyA=";

    private readonly CliRunner _cli = new();
    private ServerOptions? _started;

    public LimitOptionTests() => _cli.StartServer = (options, _) =>
    {
        _started = options;
        throw new CliException("enough");
    };

    public void Dispose() => _cli.Dispose();

    [Fact]
    public async Task Serve_NoLimits_SetsNone()
    {
        await _cli.RunAsync("serve");

        Assert.False(_started!.Concurrency.Any);
        Assert.Empty(_started.DailyLimits);
        Assert.Empty(_started.Agents);
        Assert.Empty(_started.ChatEndpoints);
    }

    [Fact]
    public async Task Serve_Limits_AreTaken()
    {
        await _cli.RunAsync(
            "serve", "--max-running", "30", "--max-running-per-project", "3", "--max-running-per-branch", "1",
            "--daily-limit", "https://github.com/my-org/*=tokens:500000,usd:20", "--daily-limit", "*=usd:0.50");

        Assert.Equal(new ConcurrencyLimits { Running = 30, RunningPerProject = 3, RunningPerBranch = 1 }, _started!.Concurrency);
        Assert.Equal(
            [new DailyLimit("https://github.com/my-org/*", 500_000, 20), new DailyLimit("*", null, 0.5m)],
            _started.DailyLimits);
    }

    [Theory]
    [InlineData("--max-running", "-1")]
    [InlineData("--max-running", "10001")]
    [InlineData("--max-running", "many")]
    [InlineData("--max-running-per-project", "1.5")]
    [InlineData("--max-running-per-branch", "1 000")]
    public async Task Serve_ConcurrencyThatIsNotAccepted_Exits2AndSaysWhatIs(string option, string text)
    {
        Assert.Equal(ExitCodes.WrongUse, await _cli.RunAsync("serve", option, text));

        Assert.Contains($"{option} '{text}' is not accepted: give a number from 0 to 10000.", Words(), StringComparison.Ordinal);
        Assert.Null(_started);
    }

    [Theory]
    [InlineData("20", "'20' is not accepted")]
    [InlineData("*=20", "'20' of '*=20' is not accepted")]
    [InlineData("*=tokens:1.5", "'tokens:1.5' of '*=tokens:1.5' is not accepted")]
    [InlineData("*=usd:free", "'usd:free' of '*=usd:free' is not accepted")]
    [InlineData("*=usd:1,usd:2", "'usd:2' of '*=usd:1,usd:2' is not accepted")]
    [InlineData("*=usd:-1", "'usd:-1' of '*=usd:-1' is not accepted")]
    public async Task Serve_DailyLimitThatIsNotAccepted_Exits2AndSaysWhatIs(string text, string named)
    {
        Assert.Equal(ExitCodes.WrongUse, await _cli.RunAsync("serve", "--daily-limit", text));

        Assert.Contains($"--daily-limit: {named}: give GLOB=tokens:N,usd:X, e.g. ", Words(), StringComparison.Ordinal);
        Assert.Null(_started);
    }

    [Fact]
    public async Task Serve_DailyLimitOfNoRepository_Exits2AndSaysHowAGlobBegins()
    {
        Assert.Equal(ExitCodes.WrongUse, await _cli.RunAsync("serve", "--daily-limit", "github.com/*=usd:5"));

        Assert.Contains("'github.com/*' can match no repository: a glob begins with https://", Words(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("input=-2,output=8", "input must be an amount of US dollars per million tokens")]
    [InlineData("input=200000,output=8", "input must be an amount of US dollars from 0 to 100000")]
    [InlineData("input=2,output=8,cached-input=100001", "cached-input must be an amount of US dollars from 0 to 100000")]
    [InlineData("output=8", "input is missing: prices of tokens in and out go together")]
    [InlineData("cached-input=1", "input is missing: the price of cached tokens goes with those of the others")]
    [InlineData("input=2,input=3,output=8", "input is given twice")]
    public async Task Serve_PricesThatAreNotAccepted_Exits2AndNamesThem(string prices, string expected)
    {
        var chat = $"default=https://example.com/v1,model=a,{prices}";

        Assert.Equal(ExitCodes.WrongUse, await _cli.RunAsync("serve", "--chat", chat));

        Assert.Contains($"--chat: the chat endpoint 'default' is not accepted: {expected}", Words(), StringComparison.Ordinal);
        Assert.Null(_started);
    }

    [Theory]
    [InlineData("farm=", "--agent 'farm=' is not accepted: give NAME=URL")]
    [InlineData("farm=https://farm.example.com/,", "is not accepted: give NAME=URL")]
    [InlineData("the farm=https://farm.example.com/", "The agent 'the farm' needs a secret")]
    public async Task Serve_AgentThatIsNone_Exits2AndSaysWhatIsAccepted(string agent, string expected)
    {
        Assert.Equal(ExitCodes.WrongUse, await _cli.RunAsync("serve", "--agent", agent));

        Assert.Contains(expected, Words(), StringComparison.Ordinal);
        Assert.Null(_started);
    }

    [Theory]
    [InlineData("--agent", "There are two agents named 'farm'")]
    [InlineData("--chat", "There are two chat endpoints named 'farm'")]
    public async Task Serve_TwoOfOneName_Exits2AndNamesIt(string option, string expected)
    {
        _cli.StartServer = LocalServer.StartAsync;
        _cli.Variables["QP_AGENT_SECRET_FARM"] = Secret;
        var more = option == "--chat" ? ",model=a" : "";

        var exit = await _cli.RunAsync(
            "serve", "--url", "http://127.0.0.1:0",
            option, $"farm=https://one.example.com/{more}",
            option, $"farm=https://two.example.com/{more}");

        Assert.Equal(ExitCodes.WrongUse, exit);
        Assert.Contains(expected, Words(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Serve_AgentForNoRepository_Exits2AndSaysHowAGlobBegins()
    {
        _cli.StartServer = LocalServer.StartAsync;
        _cli.Variables["QP_AGENT_SECRET_FARM"] = Secret;

        var exit = await _cli.RunAsync("serve", "--url", "http://127.0.0.1:0", "--agent", "farm=https://farm.example.com/,github.com/*");

        Assert.Equal(ExitCodes.WrongUse, exit);
        Assert.Contains("'github.com/*' can match no repository", Words(), StringComparison.Ordinal);
    }

    /// <summary>What was written, however its lines were broken.</summary>
    private string Words() => string.Join(' ', _cli.Error.Output.Split(default(char[]), StringSplitOptions.RemoveEmptyEntries));
}
