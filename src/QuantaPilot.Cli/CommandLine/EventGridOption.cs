using QuantaPilot.Integrations.EventGrid;

namespace QuantaPilot.Cli.CommandLine;

/// <summary>
/// <c>--event-grid NAME=ENDPOINT[,event…]</c>. Keys come from the environment, where other users' <c>ps</c> does not see them.
/// </summary>
internal static class EventGridOption
{
    public const string KeyPrefix = "QP_EVENT_GRID_KEY_";

    /// <exception cref="UsageException">The text names no topic.</exception>
    public static EventGridTopic Parse(string text, Func<string, string?> variable)
    {
        var parts = text.Split(',');
        if (parts[0].Split('=', 2) is not [var name, var url] || !Uri.TryCreate(url, UriKind.Absolute, out var endpoint))
        {
            throw new UsageException(
                $"--event-grid '{text}' is not accepted: give NAME=ENDPOINT[,event…], "
                + "e.g. gates=https://topic.westeurope-1.eventgrid.azure.net/api/events,gate_requested.");
        }
        return new EventGridTopic
        {
            Name = name,
            Endpoint = endpoint,
            EventTypes = parts[1..],
            Key = variable(KeyVariable(name)) is { Length: > 0 } key ? key : null,
        };
    }

    /// <summary>The variable that holds the topic's key.</summary>
    public static string KeyVariable(string name) => KeyPrefix + name.ToUpperInvariant().Replace('-', '_');
}
