using System.Text;
using Microsoft.Extensions.AI;
using QuantaPilot.Core.Ports;

namespace QuantaPilot.Integrations.Chat;

/// <param name="Text">What the model wrote.</param>
/// <param name="End">Why it ended.</param>
internal sealed record ChatAnswer(string Text, ChatAnswerEnd End);

internal enum ChatAnswerEnd
{
    /// <summary>The model had said all.</summary>
    Complete,

    /// <summary>It came to the most tokens that an answer may have.</summary>
    OutOfTokens,

    /// <summary>It was longer than what is asked for ever is; the rest was not read.</summary>
    TooLong,
}

/// <summary>The requests of one step to one endpoint. Each is sent once; faults are <see cref="StepException"/>.</summary>
internal sealed class ChatSession(ChatEndpoint endpoint, IChatClient client, TimeProvider time)
{
    public ChatEndpoint Endpoint => endpoint;

    public ChatTally Tally { get; } = new(endpoint, time);

    /// <summary>The model as the last answer named it; until then as the settings do.</summary>
    public string Model { get; private set; } = endpoint.Model;

    /// <summary>Reads an answer as it is written.</summary>
    /// <param name="messages">The conversation.</param>
    /// <param name="format">How it must answer, or null for text.</param>
    /// <param name="mostCharacters">What is longer is not read to its end.</param>
    /// <param name="cancellationToken">Aborts the request.</param>
    /// <exception cref="StepException">As <see cref="ChatFaults"/> has it; agent_timed_out (transient); agent_failed: the answer was
    /// filtered or refused, or its stream was cut off (transient).</exception>
    public async Task<ChatAnswer> AskAsync(
        IReadOnlyList<ChatMessage> messages, ChatResponseFormat? format, int mostCharacters, CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(endpoint.RequestTimeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timeout.Token);
        var reading = new Reading();
        try
        {
            await foreach (var update in client.GetStreamingResponseAsync(messages, Options(format), either.Token))
            {
                reading.Add(update);
                if (reading.Text.Length > mostCharacters) return new ChatAnswer("", ChatAnswerEnd.TooLong);
            }
        }
        catch (OperationCanceledException e) when (timeout.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw ChatFaults.TimedOut(endpoint, e);
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested && ChatFaults.Find(e, endpoint, time) is { } fault)
        {
            throw fault;
        }
        finally
        {
            Tally.Add(reading.Usage, reading.HasBegun);
        }
        Model = reading.Model ?? Model;
        return End(reading);
    }

    private ChatAnswer End(Reading reading)
    {
        if (reading.Refusal.Length > 0) throw ChatFaults.Refused(endpoint, reading.Refusal.ToString());
        if (reading.Finish == ChatFinishReason.ContentFilter) throw ChatFaults.Filtered(endpoint);
        if (reading.Finish == ChatFinishReason.Length) return new ChatAnswer("", ChatAnswerEnd.OutOfTokens);
        // Without a reason the connection ended before the answer did, however whole its last words look.
        return reading.Finish is null
            ? throw ChatFaults.CutOff(endpoint, null)
            : new ChatAnswer(reading.Text.ToString(), ChatAnswerEnd.Complete);
    }

    private ChatOptions Options(ChatResponseFormat? format) => new()
    {
        Seed = endpoint.Seed,
        Temperature = (float?)endpoint.Temperature,
        MaxOutputTokens = endpoint.MaxOutputTokens,
        ResponseFormat = format,
        AdditionalProperties = format is ChatResponseFormatJson { Schema: not null } ? new() { ["strict"] = true } : null,
    };

    private sealed class Reading
    {
        public StringBuilder Text { get; } = new();

        public StringBuilder Refusal { get; } = new();

        public ChatFinishReason? Finish { get; private set; }

        public UsageDetails? Usage { get; private set; }

        public bool HasBegun { get; private set; }

        public string? Model { get; private set; }

        public void Add(ChatResponseUpdate update)
        {
            HasBegun = true;
            Finish = update.FinishReason ?? Finish;
            Model ??= update.ModelId is { Length: > 0 } model ? model : null;
            // The adapter leaves it out of the contents of a stream.
            if (update.RawRepresentation is OpenAI.Chat.StreamingChatCompletionUpdate raw) Refusal.Append(raw.RefusalUpdate);
            foreach (var content in update.Contents)
            {
                switch (content)
                {
                    case TextContent text:
                        Text.Append(text.Text);
                        break;
                    case UsageContent usage:
                        // Where it comes more than once, each counts the whole request so far.
                        Usage = usage.Details;
                        break;
                }
            }
        }
    }
}
