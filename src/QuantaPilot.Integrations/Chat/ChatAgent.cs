using System.Globalization;
using Microsoft.Extensions.Logging;
using QuantaPilot.Core.Pipeline;
using QuantaPilot.Core.Ports;
using QuantaPilot.Core.Runs;
using QuantaPilot.Integrations.Chat.Documents;
using QuantaPilot.Integrations.Chat.Tasks;
using QuantaPilot.Integrations.Outline.Writing;

namespace QuantaPilot.Integrations.Chat;

/// <summary>
/// Has a model write: the documentation, or for a task of a milestone one file. The model gets text and answers text; it has no tools, and
/// what it answers is checked before anything is written.
/// </summary>
public sealed class ChatAgent(ChatEndpoints endpoints, TimeProvider time, ILogger<ChatAgent> logger) : IAgent
{
    /// <summary>How long a step may take where quantapilot.yml doesn't say.</summary>
    public static readonly TimeSpan DefaultTimeout = TimeSpan.FromMinutes(20);

    private readonly ChatClients _clients = new();
    private readonly KeptAnswers _kept = new();

    public string Type => AgentDefinition.ChatType;

    public string? FindRefusal(AgentDefinition agent, string repoUrl) => endpoints.FindRefusal(agent, repoUrl);

    /// <summary>
    /// What was used up is in the result, or in the exception: tokens and price as far as the endpoint told, and seconds.
    /// </summary>
    /// <exception cref="StepException">agent_not_allowed, agent_failed, agent_timed_out, authentication_failed, documentation_invalid,
    /// repository_unsafe. What may pass is transient, with the time that the endpoint asks for.</exception>
    public async Task<AgentResult> RunAsync(AgentTask task, ICheckout checkout, CancellationToken cancellationToken)
    {
        var agent = task.Agent;
        if (FindRefusal(agent, task.RepoUrl) is { } refusal) throw new StepException(ErrorCodes.AgentNotAllowed, refusal);
        // The text of its commit would differ from what a model writes now, and would be paid for twice.
        if (task.IsDocumentation && checkout.HasCommitFor(Trailer(task))) return DocumentAuthor.Find(task, checkout);

        var endpoint = endpoints.Get(agent);
        var session = new ChatSession(endpoint, _clients.Get(endpoint), time);
        var step = $"{task.RunId}/{task.Step}";
        var conversation = new Conversation(session, _kept, step, task.Log);
        var limit = agent.Timeout ?? DefaultTimeout;
        using var timeout = new CancellationTokenSource(limit, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timeout.Token);
        try
        {
            var result = task.IsDocumentation
                ? await DocumentAuthor.WriteAsync(task, checkout, session, conversation, either.Token)
                : await TaskAuthor.WriteAsync(task, checkout, session, conversation, either.Token);
            _kept.Forget(step);
            return result with { Usage = session.Tally.Usage };
        }
        catch (StepException e)
        {
            task.Log.Write(e.Message);
            throw new StepException(e.Code, e.Message, e.IsTransient, e) { RetryAfter = e.RetryAfter, Usage = session.Tally.Usage };
        }
        catch (OperationCanceledException e) when (timeout.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            var message = $"The agent '{agent.Name}' has not ended within {DurationText.Format(limit)}.";
            task.Log.Write(message);
            throw new StepException(ErrorCodes.AgentTimedOut, message, inner: e) { Usage = session.Tally.Usage };
        }
        finally
        {
            Log(task, session, conversation);
        }
    }

    /// <summary>Who wrote something, for the reviewer: one line of Markdown.</summary>
    internal static string Signature(ChatSession session)
    {
        var endpoint = session.Endpoint;
        var seed = endpoint.Seed is { } number ? string.Create(CultureInfo.InvariantCulture, $"seed {number}") : "no seed";
        var asked = session.Model == endpoint.Model ? "" : $", asked for as {Markup.Code(endpoint.Model)}";
        return $"the model {Markup.Code(session.Model)}{asked} (chat endpoint {Markup.Code(endpoint.Name)}, {seed})";
    }

    /// <summary>As the commit of the step is marked.</summary>
    private static string Trailer(AgentTask task) => task.Round == 1 ? task.Step : $"{task.Step}#{task.Round}";

    private void Log(AgentTask task, ChatSession session, Conversation conversation)
    {
        var (tally, endpoint) = (session.Tally, session.Endpoint);
        var usage = tally.Usage;
        Logs.Asked(
            logger, task.Step, task.RunId, endpoint.Model, endpoint.Name, endpoint.Seed, tally.Requests, conversation.Repairs, tally.Input,
            tally.Cached, tally.Output, usage.Usd, usage.Seconds);
        if (tally.Untold > 0) Logs.UsageUntold(logger, endpoint.Name, tally.Untold, task.Step, task.RunId);
    }
}
