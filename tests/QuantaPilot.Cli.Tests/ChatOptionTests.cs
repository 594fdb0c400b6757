using QuantaPilot.Cli.CommandLine;
using QuantaPilot.Host.Server;
using QuantaPilot.Integrations.Chat;

namespace QuantaPilot.Cli.Tests;

public sealed class ChatOptionTests : IDisposable
{
    private readonly CliRunner _cli = new();
    private ServerOptions? _started;

    public ChatOptionTests() => _cli.StartServer = (options, _) =>
    {
        _started = options;
        throw new CliException("enough");
    };

    public void Dispose() => _cli.Dispose();

    [Fact]
    public async Task Serve_Chat_TakesSettingsAndKeysFromTheEnvironment()
    {
        _cli.Variables["QP_CHAT_KEY_BIG_ONE"] = "the-key";
        _cli.Variables["QP_CHAT"] = "local=http://127.0.0.1:11434/v1,model=qwen3:8b,seed=none,format=text";

        await _cli.RunAsync(
            "serve", "--chat",
            "big-one=https://api.openai.com/v1,model=gpt-4.1,input=2,output=8,cached-input=0.5,seed=7,temperature=0.2,max-output=4000,"
            + "timeout=90s,format=json-object,project=https://github.com/my-org/*,project=https://github.com/your-org/*");

        Assert.Equal(["big-one", "local"], _started!.ChatEndpoints.Select(endpoint => endpoint.Name));
        var big = _started.ChatEndpoints[0];
        Assert.Equal(("https://api.openai.com/v1", "gpt-4.1", "the-key"), (big.Endpoint.AbsoluteUri, big.Model, big.Key));
        Assert.Equal((2m, 8m, 0.5m), (big.InputUsdPerMillion, big.OutputUsdPerMillion, big.CachedInputUsdPerMillion));
        Assert.Equal((7, 0.2, 4_000), (big.Seed, big.Temperature, big.MaxOutputTokens));
        Assert.Equal((TimeSpan.FromSeconds(90), ChatAnswerFormat.JsonObject), (big.RequestTimeout, big.AnswerFormat));
        Assert.Equal(["https://github.com/my-org/*", "https://github.com/your-org/*"], big.Projects);
        var local = _started.ChatEndpoints[1];
        Assert.Equal((null, null, ChatAnswerFormat.Text), (local.Key, local.Seed, local.AnswerFormat));
        Assert.Null(local.InputUsdPerMillion);
    }

    [Theory]
    [InlineData("default", "--chat 'default' is not accepted: give NAME=URL,model=")]
    [InlineData("default=nowhere", "--chat 'default=nowhere' is not accepted")]
    [InlineData("default=https://example.com/v1", "--chat: the chat endpoint 'default' is not accepted: model is missing")]
    [InlineData("default=https://example.com/v1,model=a,model=b", "model is given twice")]
    [InlineData("default=https://example.com/v1,model=a,price=3", "'price' is unknown: give NAME=URL")]
    [InlineData("default=https://example.com/v1,model=a,input=cheap,output=1", "input must be an amount of US dollars per million tokens")]
    [InlineData("default=https://example.com/v1,model=a,input=1", "output is missing: prices of tokens in and out go together")]
    [InlineData("default=https://example.com/v1,model=a,timeout=soon", "timeout must be a whole number and one of s, m, h, d")]
    [InlineData("default=https://example.com/v1,model=a,max-output=1", "max-output must be an integer from 256")]
    [InlineData("default=https://example.com/v1,model=a,project=github.com", "project is not accepted: 'github.com' can match")]
    [InlineData("default=https://example.com/v1,model=a,format=xml", "format must be json-schema, json-object or text")]
    [InlineData("default=https://example.com/v1,model=a,seed=x", "seed must be an integer or none")]
    public async Task Serve_ChatThatIsNotAccepted_Exits2AndNamesTheSetting(string chat, string expected)
    {
        var exit = await _cli.RunAsync("serve", "--chat", chat);

        Assert.Equal(ExitCodes.WrongUse, exit);
        var words = _cli.Error.Output.Split(default(char[]), StringSplitOptions.RemoveEmptyEntries);
        Assert.Contains(expected, string.Join(' ', words), StringComparison.Ordinal);
        Assert.Null(_started);
    }

    [Fact]
    public async Task Run_InProcess_TakesEndpointsFromTheEnvironment()
    {
        _cli.Variables["QP_CHAT"] = "default=https://api.openai.com/v1,model=gpt-4.1";
        _cli.Variables["QP_CHAT_KEY_DEFAULT"] = "the-key";

        await _cli.RunAsync("run", "--repo", ".", "--branch", "main");

        var endpoint = Assert.Single(_started!.ChatEndpoints);
        Assert.Equal(("default", "gpt-4.1", "the-key"), (endpoint.Name, endpoint.Model, endpoint.Key));
    }

    [Fact]
    public async Task Run_EnvironmentIsNotAccepted_NamesIt()
    {
        _cli.Variables["QP_CHAT"] = "default=https://api.openai.com/v1";

        Assert.Equal(ExitCodes.WrongUse, await _cli.RunAsync("run", "--repo", ".", "--branch", "main"));
        Assert.Contains("QP_CHAT: the chat endpoint 'default' is not accepted: model is", _cli.Error.Output, StringComparison.Ordinal);
    }
}
