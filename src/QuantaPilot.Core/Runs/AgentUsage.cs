namespace QuantaPilot.Core.Runs;

/// <summary>What an agent used up.</summary>
/// <param name="Tokens">Tokens of models, in and out.</param>
/// <param name="Usd">Money, in US dollars, by the prices in the host's settings.</param>
/// <param name="Seconds">Time that it worked.</param>
public sealed record AgentUsage(long Tokens, decimal Usd, double Seconds)
{
    /// <summary>Nothing.</summary>
    public static AgentUsage None { get; } = new(0, 0, 0);

    public static AgentUsage operator +(AgentUsage left, AgentUsage right) =>
        new(left.Tokens + right.Tokens, left.Usd + right.Usd, left.Seconds + right.Seconds);
}
