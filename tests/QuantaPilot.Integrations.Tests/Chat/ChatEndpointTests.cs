using QuantaPilot.Core.Pipeline;
using QuantaPilot.Core.Runs;
using QuantaPilot.Integrations.Chat;

namespace QuantaPilot.Integrations.Tests.Chat;

public sealed class ChatEndpointTests
{
    private static readonly Uri _url = new("https://models.example.com/v1");

    public static TheoryData<ChatEndpoint, string> NotAccepted => new()
    {
        { New(name: "two words"), "'two words' is not accepted: Name must have 1 to 64 letters" },
        { New(url: new Uri("ftp://models.example.com")), "Endpoint must be an absolute URL" },
        { New(url: new Uri("https://me:it@models.example.com/v1")), "Endpoint must have no credentials" },
        { New(url: new Uri("http://models.example.com/v1"), key: "k"), "Endpoint must be https:// where there is a key" },
        { New(model: ""), "Model must be 1 to 200 characters" },
        { New(key: "a b"), "Key must be printable ASCII" },
        { New(temperature: 3), "Temperature must be a number from 0 to 2" },
        { New(maxOutputTokens: 10), "MaxOutputTokens must be an integer from 256" },
        { New(timeout: TimeSpan.Zero), "RequestTimeout must be from 1 second" },
        { New(input: 1), "OutputUsdPerMillion is missing" },
        { New(output: 1), "InputUsdPerMillion is missing" },
        { New(cached: 1), "InputUsdPerMillion is missing" },
        { New(input: -1, output: 1), "InputUsdPerMillion must be an amount" },
        { New(projects: ["github.com/*"]), "Projects is not accepted: 'github.com/*' can match no repository" },
    };

    [Theory]
    [MemberData(nameof(NotAccepted))]
    public void Endpoints_SettingIsNotAccepted_IsNamed(ChatEndpoint endpoint, string expected)
    {
        var error = Assert.Throws<FormatException>(() => new ChatEndpoints([endpoint]));

        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Endpoints_TwoOfOneName_AreNamed() => Assert.Contains(
        "two chat endpoints named 'default'",
        Assert.Throws<FormatException>(() => new ChatEndpoints([New(), New()])).Message,
        StringComparison.Ordinal);

    [Theory]
    [InlineData("http://gpu.internal:11434/v1", null)]
    [InlineData("http://127.0.0.1:11434/v1", "key")]
    public void FindFault_HttpWhereNoKeyIsInDanger_IsAccepted(string url, string? key) =>
        Assert.Null(New(url: new Uri(url), key: key).FindFault());

    [Theory]
    [InlineData(null, "https://example.com/team/app", null)]
    [InlineData("drafts", "https://example.com/team/app", null)]
    [InlineData("drafts", "https://example.com/other/app", "don't allow the chat endpoint 'drafts' for this repository")]
    [InlineData("missing", "https://example.com/team/app", "'writer' needs the chat endpoint 'missing', which the settings of this host")]
    public void FindRefusal_NameAndRepository_Decide(string? name, string repoUrl, string? expected)
    {
        var endpoints = new ChatEndpoints([New(), New(name: "drafts", projects: ["https://example.com/team/*"])]);

        var refusal = endpoints.FindRefusal(Writer(name), repoUrl);

        if (expected is null) Assert.Null(refusal);
        else Assert.Contains(expected, refusal, StringComparison.Ordinal);
    }

    [Fact]
    public async Task RunAsync_EndpointIsMissing_IsNotAllowedAndNothingIsAsked()
    {
        await using var workspace = await ChatWorkspace.StartAsync();

        var error = await workspace.FailAsync(ChatWorkspace.Task() with { Agent = Writer("missing") });

        Assert.Equal(ErrorCodes.AgentNotAllowed, error.Code);
        Assert.Empty(workspace.Server.Requests);
    }

    private static AgentDefinition Writer(string? endpoint) => new("writer", AgentDefinition.ChatType, null, null) { Endpoint = endpoint };

    private static ChatEndpoint New(
        string name = "default",
        Uri? url = null,
        string model = "m",
        string? key = null,
        double? temperature = null,
        int maxOutputTokens = 1_000,
        TimeSpan? timeout = null,
        decimal? input = null,
        decimal? output = null,
        decimal? cached = null,
        string[]? projects = null) => new()
        {
            Name = name,
            Endpoint = url ?? _url,
            Model = model,
            Key = key,
            Temperature = temperature,
            MaxOutputTokens = maxOutputTokens,
            RequestTimeout = timeout ?? TimeSpan.FromMinutes(1),
            InputUsdPerMillion = input,
            OutputUsdPerMillion = output,
            CachedInputUsdPerMillion = cached,
            Projects = projects ?? ["*"],
        };
}
