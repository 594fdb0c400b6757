using QuantaPilot.Core.Activities;
using QuantaPilot.Core.Runs;

namespace QuantaPilot.Core.Orchestrations;

/// <summary>Reviewers or checks turned work down that may be done anew. Ends the run, as any other end, if nobody does it anew.</summary>
/// <param name="code">What the run ends with then.</param>
/// <param name="message">What the run ends with then.</param>
/// <param name="feedback">What is said to those who do it anew.</param>
/// <param name="headSha">The head that was turned down.</param>
internal sealed class WorkRefusedException(string code, string message, string feedback, string headSha) : RunEndedException(code, message)
{
    public string Feedback { get; } = feedback;

    public string HeadSha { get; } = headSha;
}

/// <summary>One round of work: the first, or one after it was turned down.</summary>
/// <param name="Number">1 for the first.</param>
/// <param name="Refusal">Why the round before was turned down; null in the first.</param>
internal sealed record WorkRound(int Number, WorkRefusedException? Refusal)
{
    /// <summary>What agents are told of it; null in the first round.</summary>
    public Rework? Rework => Refusal is null ? null : new Rework(Number, Refusal.Feedback);

    /// <summary>Nobody is asked again about what was turned down as it is.</summary>
    /// <exception cref="RunEndedException">The work stands at the head that was turned down.</exception>
    public void RequireChange(string headSha)
    {
        if (headSha != Refusal?.HeadSha) return;
        throw new RunEndedException(Refusal.Code, $"{Refusal.Message}\nThe rework (round {Number}) changed nothing.");
    }
}

/// <summary>Has work done, reviewed and merged, and done anew where it is turned down, as often as the run's limits allow.</summary>
/// <param name="run">The run.</param>
/// <param name="retries">How often work is done anew.</param>
internal sealed class ReworkLoop(RunSession run, int retries)
{
    /// <param name="milestoneId">Whose work it is; null for the documentation.</param>
    /// <param name="round">Does the work, reviews and merges it; throws <see cref="WorkRefusedException"/> where it is turned down.</param>
    /// <exception cref="RunEndedException">It was turned down once more than it may be done anew, or the run ended otherwise.</exception>
    public async Task<T> RunAsync<T>(string? milestoneId, Func<WorkRound, Task<T>> round)
    {
        for (var current = new WorkRound(1, null); ;)
        {
            try
            {
                return await round(current);
            }
            catch (WorkRefusedException e) when (current.Number <= retries)
            {
                current = new WorkRound(current.Number + 1, e);
                run.Record(new ReworkStarted(milestoneId, current.Number));
            }
            catch (WorkRefusedException e) when (retries > 0)
            {
                throw new RunEndedException(e.Code, $"{e.Message}\nThat was round {current.Number} of {retries + 1}.");
            }
        }
    }
}
