namespace QuantaPilot.Engine;

/// <summary>Where an instance's history and the code at hand part.</summary>
/// <param name="Expected">What the history (or the rules for orchestrations) says, e.g. <c>activity 'Clone'</c>.</param>
/// <param name="Found">What the code did instead.</param>
/// <param name="Turn">The turn, counted from 1.</param>
/// <param name="Position">The place within the turn's events, counted from 0.</param>
public sealed record ReplayMismatch(string Expected, string Found, int Turn, int Position)
{
    public override string ToString() => $"At turn {Turn}, event {Position}: expected {Expected}, found {Found}.";
}
