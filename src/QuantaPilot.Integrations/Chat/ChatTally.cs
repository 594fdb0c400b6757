using System.Globalization;
using Microsoft.Extensions.AI;
using QuantaPilot.Core.Runs;
using QuantaPilot.Integrations.Outline.Writing;

namespace QuantaPilot.Integrations.Chat;

/// <summary>What the requests of a step have used up, as the endpoint told it.</summary>
internal sealed class ChatTally(ChatEndpoint endpoint, TimeProvider time)
{
    private readonly long _start = time.GetTimestamp();

    public int Requests { get; private set; }

    /// <summary>Answers of which the endpoint did not say what they used up, or that were cut off before: they count for nothing.</summary>
    public int Untold { get; private set; }

    public long Input { get; private set; }

    /// <summary>Of <see cref="Input"/>, what the endpoint had in its cache.</summary>
    public long Cached { get; private set; }

    public long Output { get; private set; }

    public AgentUsage Usage => new(Input + Output, endpoint.Cost(Input, Cached, Output), time.GetElapsedTime(_start).TotalSeconds);

    /// <param name="usage">What the endpoint said of a request, or null if it said nothing.</param>
    /// <param name="hasBegun">False if there was no answer, which costs nothing.</param>
    public void Add(UsageDetails? usage, bool hasBegun)
    {
        Requests++;
        if (usage is null || (usage.InputTokenCount is null && usage.OutputTokenCount is null))
        {
            if (hasBegun) Untold++;
            return;
        }
        var input = Math.Max(0, usage.InputTokenCount ?? 0);
        Input += input;
        Cached += Math.Clamp(usage.CachedInputTokenCount ?? 0, 0, input);
        Output += Math.Max(0, usage.OutputTokenCount ?? 0);
    }

    /// <summary>For the reviewer, one line of Markdown.</summary>
    public string Describe()
    {
        if (Requests == 0) return "no request was needed: the answers were those of an earlier try";
        var cached = Cached > 0 ? $" ({Markup.Number(Cached)} of them cached)" : "";
        var told = $"{Markup.Count(Requests, "request")}, {Markup.Number(Input)} tokens in{cached}, {Markup.Number(Output)} out";
        var cost = endpoint.InputUsdPerMillion is null
            ? "no price is set"
            : string.Create(CultureInfo.InvariantCulture, $"{endpoint.Cost(Input, Cached, Output):0.####} USD");
        var untold = Untold > 0 ? $"; of {Markup.Count(Untold, "request")} the endpoint did not say how many tokens" : "";
        return $"{told}, {cost}{untold}";
    }
}
