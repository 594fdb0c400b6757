using System.Diagnostics;
using System.Diagnostics.Metrics;
using QuantaPilot.Core.Deliveries;
using QuantaPilot.Core.Runs;

namespace QuantaPilot.Core.Telemetry;

/// <summary>
/// The one source of spans and metrics. Orchestrations never use it: they are replayed, and what they tell twice would be
/// counted twice. Tags hold ids and words of closed lists, never tokens, secrets or free text.
/// </summary>
public static class Instruments
{
    /// <summary>The name of <see cref="Source"/> and <see cref="Meter"/>.</summary>
    public const string Name = "QuantaPilot";

    public const string StatusTag = "quantapilot.run.status";
    public const string GateTag = "quantapilot.gate";
    public const string StepTag = "quantapilot.step";
    public const string OutcomeTag = "quantapilot.outcome";
    public const string SinkTag = "quantapilot.sink";

    /// <summary>The code of a failed step or attempt to deliver, or the type of an exception: as OpenTelemetry has it.</summary>
    public const string ErrorTypeTag = "error.type";

    public static ActivitySource Source { get; } = new(Name);

    public static Meter Meter { get; } = new(Name);

    /// <summary><c>quantapilot.runs</c>: how often a run came to a status.</summary>
    public static Counter<long> Runs { get; } =
        Meter.CreateCounter<long>("quantapilot.runs", "{transition}", "How often a run came to a status.");

    /// <summary><c>quantapilot.gate.wait</c>, in seconds: from the request of a gate to its decision or time-out.</summary>
    public static Histogram<double> GateWait { get; } = Meter.CreateHistogram(
        "quantapilot.gate.wait",
        "s",
        "How long a gate waited for its decision.",
        tags: null,
        // From ten seconds to a month: people decide in minutes or in days.
        new InstrumentAdvice<double>
        {
            HistogramBucketBoundaries = [10, 60, 300, 900, 3600, 14400, 43200, 86400, 259200, 604800, 2592000],
        });

    /// <summary><c>quantapilot.step.duration</c>, in seconds: of one execution of an activity.</summary>
    public static Histogram<double> StepDuration { get; } = Meter.CreateHistogram(
        "quantapilot.step.duration",
        "s",
        "How long a step of a run took.",
        tags: null,
        // From a write to the store to an agent that works for hours.
        new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.005, 0.02, 0.1, 0.5, 1, 5, 15, 60, 300, 900, 3600, 14400] });

    /// <summary><c>quantapilot.deliveries</c>: how often an event was offered to a sink.</summary>
    public static Counter<long> Deliveries { get; } =
        Meter.CreateCounter<long>("quantapilot.deliveries", "{attempt}", "How often an event was offered to a sink.");

    /// <summary><c>quantapilot.usage.tokens</c>: what agents used up, each try counted once it has ended.</summary>
    public static Counter<long> UsageTokens { get; } =
        Meter.CreateCounter<long>("quantapilot.usage.tokens", "{token}", "Tokens of models that agents used up, in and out.");

    /// <summary><c>quantapilot.usage.usd</c>, in US dollars: what agents used up, each try counted once it has ended.</summary>
    public static Counter<double> UsageUsd { get; } =
        Meter.CreateCounter<double>("quantapilot.usage.usd", "{USD}", "Money that agents used up.");

    public static void CountUsage(AgentUsage? usage)
    {
        if (usage is { Tokens: > 0 }) UsageTokens.Add(usage.Tokens);
        if (usage is { Usd: > 0 }) UsageUsd.Add((double)usage.Usd);
    }

    public static void CountRun(RunStatus status) => Runs.Add(1, new KeyValuePair<string, object?>(StatusTag, Word(status)));

    /// <param name="delivery">As it stands after an attempt.</param>
    public static void CountDelivery(Delivery delivery)
    {
        if (!Deliveries.Enabled) return;
        var tags = new TagList { { SinkTag, delivery.Sink }, { OutcomeTag, Word(delivery.Status) } };
        if (delivery.Attempts[^1].Code is not DeliveryCodes.Delivered and var code) tags.Add(ErrorTypeTag, code);
        Deliveries.Add(1, tags);
    }

    /// <param name="gate">The gate.</param>
    /// <param name="until">When it was decided or timed out.</param>
    /// <param name="outcome">Approved, rejected or timed out.</param>
    public static void RecordGateWait(Gate gate, DateTimeOffset until, GateStatus outcome)
    {
        if (!GateWait.Enabled) return;
        var colon = gate.Name.IndexOf(':', StringComparison.Ordinal);
        GateWait.Record(
            Math.Max(0, (until - gate.RequestedAt).TotalSeconds),
            // Without the milestone's id, which would make a series of each.
            new KeyValuePair<string, object?>(GateTag, colon < 0 ? gate.Name : gate.Name[..colon]),
            new KeyValuePair<string, object?>(OutcomeTag, Word(outcome)));
    }

    private static string Word<T>(T value)
        where T : struct, Enum => System.Text.Json.JsonNamingPolicy.SnakeCaseLower.ConvertName(value.ToString());
}
