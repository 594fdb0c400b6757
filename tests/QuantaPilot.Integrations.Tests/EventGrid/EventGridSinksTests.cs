using QuantaPilot.Core.Contracts;
using QuantaPilot.Integrations.EventGrid;

namespace QuantaPilot.Integrations.Tests.EventGrid;

public sealed class EventGridSinksTests
{
    private const string Endpoint = "https://topic.westeurope-1.eventgrid.azure.net/api/events";

    [Fact]
    public async Task List_Topics_AreSinksOfTheirNames()
    {
        var sinks = Create(Topic("gates"), Topic("lifecycle", key: "k"));
        Assert.Equal(["gates", "lifecycle"], (await sinks.ListAsync(default)).Select(sink => sink.Name));
    }

    [Theory]
    [InlineData("Gates", Endpoint, null, null, "lower-case letters")]
    [InlineData("gates", "http://topic.example.com/api/events", "k", null, "https://")]
    [InlineData("gates", "http://127.0.0.1/api/events", null, null, "needs a key")]
    [InlineData("gates", "ftp://topic.example.com/", "k", null, "absolute URL")]
    [InlineData("gates", Endpoint + "?code=x", null, null, "no credentials, query or fragment")]
    [InlineData("gates", "https://u:p@topic.example.com/api/events", null, null, "no credentials, query or fragment")]
    [InlineData("gates", Endpoint, "a b", null, "printable ASCII")]
    [InlineData("gates", Endpoint, null, "gate_opened", "run_started, documentation_generated")]
    public void Create_TopicWithAFault_NamesItAndWhatIsAccepted(string name, string endpoint, string? key, string? type, string accepted)
    {
        var e = Assert.Throws<FormatException>(() => Create(Topic(name, endpoint, key, type is null ? [] : [type])));
        Assert.Contains($"'{name}'", e.Message, StringComparison.Ordinal);
        Assert.Contains(accepted, e.Message, StringComparison.Ordinal);
        if (key is not null) Assert.DoesNotContain("a b", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Create_TwoOfOneName_SaysSo()
    {
        var e = Assert.Throws<FormatException>(() => Create(Topic("gates"), Topic("gates")));
        Assert.Contains("'gates'", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Create_AllEventsNamed_IsAccepted() => Assert.NotNull(Create(Topic("all", types: [.. EventData.Names])));

    private static EventGridSinks Create(params EventGridTopic[] topics) =>
        new(topics, TimeProvider.System, CheckedLogger.For<EventGridSinks>());

    private static EventGridTopic Topic(string name, string endpoint = Endpoint, string? key = null, string[]? types = null) =>
        new() { Name = name, Endpoint = new Uri(endpoint), Key = key, EventTypes = types ?? [] };
}
