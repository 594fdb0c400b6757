using System.Globalization;
using System.Text.Json.Serialization;
using QuantaPilot.Core.Contracts;

namespace QuantaPilot.Core.Runs;

/// <summary>What a run used up so far: all tries of all steps together.</summary>
/// <param name="Tokens">Tokens of models, in and out.</param>
/// <param name="Usd">Money, in US dollars.</param>
/// <param name="Seconds">Time in which the run worked: all but its waits at gates, its pauses and its wait in the queue.</param>
public sealed record RunUsage(long Tokens, decimal Usd, double Seconds)
{
    /// <summary>Nothing.</summary>
    public static RunUsage None { get; } = new(0, 0, 0);

    /// <summary>With what an agent used up, after the run has worked for so long in all.</summary>
    public RunUsage After(AgentUsage usage, double seconds) => new(Tokens + usage.Tokens, Usd + usage.Usd, seconds);
}

/// <summary>One of the limits of a run, as quantapilot.yml names it.</summary>
[JsonConverter(typeof(SnakeCaseEnumConverter<LimitName>))]
public enum LimitName
{
    Tokens,
    Usd,
    Duration,
}

/// <summary>What a run may use up before it is paused. Null: as much as it takes.</summary>
/// <param name="Tokens">Tokens of models, in and out.</param>
/// <param name="Usd">Money, in US dollars.</param>
/// <param name="Duration">Time in which the run works, as <see cref="RunUsage.Seconds"/> counts it.</param>
public sealed record RunLimits(long? Tokens = null, decimal? Usd = null, TimeSpan? Duration = null)
{
    /// <summary>From this part of a limit on, the run warns.</summary>
    private const decimal Near = 0.8m;

    private static readonly LimitName[] _names = [LimitName.Tokens, LimitName.Usd, LimitName.Duration];

    /// <summary>As much as it takes.</summary>
    public static RunLimits None { get; } = new();

    /// <summary>The limits that a run is over: more than the limit is used up, or all of its time.</summary>
    public IEnumerable<LimitName> OverrunBy(RunUsage used) => _names.Where(name => Compare(name, used) is (var amount, { } limit)
        && (name == LimitName.Duration ? amount >= limit : amount > limit));

    /// <summary>The limits of which four fifths are used up, or more.</summary>
    public IEnumerable<LimitName> NearedBy(RunUsage used) =>
        _names.Where(name => Compare(name, used) is (var amount, { } limit) && amount >= Near * limit);

    /// <summary>Why a run pauses, e.g. <c>limit tokens: 61,200 of 60,000 used</c>; null while it is within its limits.</summary>
    public string? FindExcess(RunUsage used) =>
        OverrunBy(used).Select(name => $"limit {Word(name)}: {Describe(name, used)} used").FirstOrDefault();

    /// <summary>What is used up of what, e.g. <c>61,200 of 60,000</c>; without a limit what is used up alone.</summary>
    public string Describe(LimitName name, RunUsage used)
    {
        var (amount, limit) = Compare(name, used);
        return limit is { } most ? $"{Format(name, amount)} of {Format(name, most)}" : Format(name, amount);
    }

    /// <summary>The limit as quantapilot.yml and the API name it.</summary>
    public static string Word(LimitName name) => System.Text.Json.JsonNamingPolicy.SnakeCaseLower.ConvertName(name.ToString());

    private (decimal Amount, decimal? Limit) Compare(LimitName name, RunUsage used) => name switch
    {
        LimitName.Tokens => (used.Tokens, Tokens),
        LimitName.Usd => (used.Usd, Usd),
        LimitName.Duration => ((decimal)used.Seconds, (decimal?)Duration?.TotalSeconds),
        _ => throw new InvalidOperationException($"No rule for {name}."),
    };

    private static string Format(LimitName name, decimal amount) => name switch
    {
        LimitName.Tokens => amount.ToString("N0", CultureInfo.InvariantCulture),
        // Whole amounts as they are written; of others as many decimals as show a single token.
        LimitName.Usd => amount.ToString("#,0.00####", CultureInfo.InvariantCulture),
        _ => FormatTime(TimeSpan.FromSeconds((double)amount)),
    };

    /// <summary>The two largest units that say something, e.g. <c>8h 12m</c>.</summary>
    private static string FormatTime(TimeSpan time)
    {
        (int Count, string Unit)[] parts = [((int)time.TotalDays, "d"), (time.Hours, "h"), (time.Minutes, "m"), (time.Seconds, "s")];
        var said = parts.SkipWhile(part => part.Count == 0)
            .Take(2)
            .Where(part => part.Count > 0)
            .Select(part => $"{part.Count}{part.Unit}");
        return string.Join(' ', said.DefaultIfEmpty("0s"));
    }
}

/// <summary>Four fifths of a limit are used up.</summary>
/// <param name="Limit">Which.</param>
/// <param name="At">Since when.</param>
public sealed record LimitWarning(LimitName Limit, DateTimeOffset At);
