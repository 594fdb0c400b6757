using System.Globalization;
using Microsoft.Extensions.AI;
using QuantaPilot.Core.Ports;
using QuantaPilot.Core.Runs;

namespace QuantaPilot.Integrations.Chat;

/// <param name="Subject">What is asked for, for messages: a path, or the task.</param>
/// <param name="System">The rules.</param>
/// <param name="User">The task and its data.</param>
/// <param name="Format">How it must be answered, or null for text.</param>
/// <param name="MostCharacters">No good answer is longer.</param>
/// <param name="FaultCode">What it is called if no answer is good.</param>
internal sealed record ChatQuestion(
    string Subject, string System, string User, ChatResponseFormat? Format, int MostCharacters, string FaultCode);

/// <summary>A good answer, or what is wrong with it.</summary>
internal sealed record CheckedAnswer<T>(T? Value, IReadOnlyList<string> Faults)
    where T : class
{
    public static CheckedAnswer<T> Good(T value) => new(value, []);

    public static CheckedAnswer<T> Bad(params IReadOnlyList<string> faults) => new(null, faults);
}

/// <summary>Asks until an answer is good: the model is told what is wrong with one and answers again, so many times.</summary>
/// <param name="session">Where the model is asked.</param>
/// <param name="kept">Good answers of earlier tries.</param>
/// <param name="step">The step and its run.</param>
/// <param name="log">Tells those who watch how far it has come.</param>
internal sealed class Conversation(ChatSession session, KeptAnswers kept, string step, IRunLog log)
{
    /// <summary>How often an answer may be put right.</summary>
    public const int MostRepairs = 2;

    private const int MostFaults = 10;
    private const int LongestFault = 300;

    /// <summary>How many answers were sent back.</summary>
    public int Repairs { get; private set; }

    /// <param name="question">What is asked.</param>
    /// <param name="check">Takes an answer apart.</param>
    /// <param name="cancellationToken">Aborts the request.</param>
    /// <exception cref="StepException">As <see cref="ChatSession.AskAsync"/>; the question's code: no answer was good.</exception>
    public async Task<T> AskAsync<T>(ChatQuestion question, Func<string, CheckedAnswer<T>> check, CancellationToken cancellationToken)
        where T : class
    {
        var key = KeptAnswers.Key(step, question.System, question.User);
        if (kept.Find(key) is { } earlier && check(earlier).Value is { } known)
        {
            log.Write($"{question.Subject}: there already, as an earlier try has it");
            return known;
        }

        string? sentBack = null;
        IReadOnlyList<string> faults = [];
        var outOfTokens = 0;
        for (var repair = 0; repair <= MostRepairs; repair++)
        {
            if (repair > 0) Repairs++;
            log.Write($"{question.Subject}: asking {session.Endpoint.Model}{(repair > 0 ? $" again ({repair} of {MostRepairs})" : "")}");
            var messages = Messages(question, sentBack, faults);
            var answer = await session.AskAsync(messages, question.Format, question.MostCharacters, cancellationToken);
            if (answer.End == ChatAnswerEnd.OutOfTokens && ++outOfTokens == 2) throw OutOfTokens(question);
            var result = answer.End == ChatAnswerEnd.Complete ? check(answer.Text) : CheckedAnswer<T>.Bad(Describe(answer.End, question));
            if (result.Value is { } value)
            {
                kept.Keep(key, answer.Text);
                log.Write($"{question.Subject}: accepted; so far {session.Tally.Describe()}");
                return value;
            }
            sentBack = answer.End == ChatAnswerEnd.Complete && answer.Text.Length > 0 ? answer.Text : null;
            faults = [.. result.Faults.Take(MostFaults).Select(Bounded)];
            log.Write($"{question.Subject}: not accepted: {string.Join("; ", faults)}");
        }
        throw new StepException(
            question.FaultCode,
            $"{question.Subject}: the model {session.Model} was told {MostRepairs} times what is wrong, and its answer is still not "
            + $"accepted: {string.Join("; ", faults)}.");
    }

    /// <summary>Of the answers that were sent back only the last is shown, so that the conversation does not grow.</summary>
    private static List<ChatMessage> Messages(ChatQuestion question, string? sentBack, IReadOnlyList<string> faults)
    {
        var system = new ChatMessage(ChatRole.System, question.System);
        if (faults.Count == 0) return [system, new ChatMessage(ChatRole.User, question.User)];
        var complaint = "Your answer is not accepted:\n" + string.Concat(faults.Select(fault => $"- {fault}\n"))
            + "Answer again, with the whole of what was asked for and without these faults.";
        // Some models take no two messages of one side in a row.
        return sentBack is null
            ? [system, new ChatMessage(ChatRole.User, $"{question.User}\n{complaint}")]
            : [
                system,
                new ChatMessage(ChatRole.User, question.User),
                new ChatMessage(ChatRole.Assistant, sentBack),
                new ChatMessage(ChatRole.User, complaint),
            ];
    }

    private string Describe(ChatAnswerEnd end, ChatQuestion question) => end == ChatAnswerEnd.OutOfTokens
        ? $"it was cut off at {session.Endpoint.MaxOutputTokens} tokens, the most that an answer may have: be briefer"
        : $"it is longer than {question.MostCharacters} characters: be briefer";

    private StepException OutOfTokens(ChatQuestion question) => new(ErrorCodes.AgentFailed, string.Create(
        CultureInfo.InvariantCulture,
        $"{question.Subject}: the model {session.Model} came to the limit of {session.Endpoint.MaxOutputTokens} output tokens twice. "
        + $"A smaller task, or a higher limit for the chat endpoint '{session.Endpoint.Name}' in the settings of the host, may help."));

    private static string Bounded(string fault) => fault.Length <= LongestFault ? fault : fault[..LongestFault] + "…";
}
