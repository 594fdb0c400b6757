using QuantaPilot.Core.Contracts;

namespace QuantaPilot.Core.Ports;

/// <summary>Agents elsewhere, by the names that the host's settings have for them.</summary>
public interface IAgentEndpoints
{
    /// <summary>
    /// Posts a task, signed. A repeat has the same <c>Idempotency-Key</c> and <c>webhook-id</c>, so that the agent can tell it.
    /// </summary>
    /// <param name="endpoint">The name of the endpoint.</param>
    /// <param name="task">The task; without the URL to answer at, which the host knows.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>Where the agent can be told to stop, if it says so: a URL on its own host.</returns>
    /// <exception cref="StepException">agent_not_allowed; agent_failed, transient if the agent may take it later.</exception>
    Task<string?> PostAsync(string endpoint, AgentTaskMessage task, CancellationToken cancellationToken);

    /// <summary>Tells an agent that its task is given up. Best effort: what it answers, or that it does not, is only logged.</summary>
    /// <param name="endpoint">The name of the endpoint.</param>
    /// <param name="taskUrl">From <see cref="PostAsync"/>.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    Task StopAsync(string endpoint, string taskUrl, CancellationToken cancellationToken);

    /// <summary>
    /// True if a callback was signed with the secret of the endpoint, as Standard Webhooks has it, within five minutes of now. False also
    /// for an endpoint that the settings don't name (any more).
    /// </summary>
    /// <param name="endpoint">The name of the endpoint.</param>
    /// <param name="signature">The three headers.</param>
    /// <param name="body">The body, to the byte.</param>
    bool IsSigned(string endpoint, CallbackSignature signature, ReadOnlyMemory<byte> body);
}

/// <summary>The headers that sign a callback.</summary>
/// <param name="Id"><c>webhook-id</c>.</param>
/// <param name="Timestamp"><c>webhook-timestamp</c>.</param>
/// <param name="Signatures"><c>webhook-signature</c>.</param>
public sealed record CallbackSignature(string Id, string Timestamp, string Signatures);
