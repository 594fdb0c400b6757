using System.Security.Cryptography;
using System.Text.Json;
using QuantaPilot.Core.Contracts;
using QuantaPilot.Core.Pipeline;
using QuantaPilot.Core.Ports;
using QuantaPilot.Core.Runs;
using QuantaPilot.Integrations.Outline.Writing;

namespace QuantaPilot.Integrations.Http;

/// <summary>
/// Works off what an agent elsewhere has answered: puts the files in their places, or finds that the agent has pushed its work itself.
/// The asking and waiting is the orchestration's.
/// </summary>
public sealed class HttpAgent(HttpAgentEndpoints endpoints, IAgentTaskStore tasks) : IAgent
{
    public string Type => AgentDefinition.HttpType;

    public string? FindRefusal(AgentDefinition agent, string repoUrl) => endpoints.FindRefusal(agent.Endpoint ?? "", repoUrl);

    public async Task<AgentResult> RunAsync(AgentTask task, ICheckout checkout, CancellationToken cancellationToken)
    {
        var callback = await ReadAsync(task, cancellationToken);
        var usage = UsageOf(callback);
        if (callback.Status != "succeeded")
        {
            var why = callback.Message ?? callback.Summary ?? "it does not say why";
            throw new StepException(ErrorCodes.AgentFailed, $"The agent {task.Agent.Name} failed: {why}") { Usage = usage };
        }
        if (callback.HeadSha is { } head && checkout.HeadSha != head)
        {
            throw new StepException(
                ErrorCodes.AgentFailed,
                $"The agent {task.Agent.Name} says that it pushed {head}, but the head of the work branch is {checkout.HeadSha}.")
            {
                Usage = usage,
            };
        }
        foreach (var file in callback.Files ?? []) await FilePlacer.PlaceAsync(checkout.Directory, file, cancellationToken);
        var summary = callback.Summary is { Length: > 0 } text ? text : $"The agent {task.Agent.Name} succeeded.";
        var digest = task.Path is null ? null : new DocumentFolder(checkout.Directory, task.Path).CheckedDigest();
        return new AgentResult(summary, digest) { Usage = usage };
    }

    private async Task<AgentCallback> ReadAsync(AgentTask task, CancellationToken cancellationToken)
    {
        var answer = task.Answer ?? throw new InvalidOperationException("There is no answer: agents elsewhere are asked first.");
        var body = await tasks.ReadAnswerAsync(task.RunId, answer.Step, answer.Round, cancellationToken)
            ?? throw new StepException(ErrorCodes.AgentFailed, $"The answer of the agent {task.Agent.Name} is gone from the store.");
        return Convert.ToHexStringLower(SHA256.HashData(body)) == answer.Digest
            ? JsonSerializer.Deserialize(body, CoreJson.Default.AgentCallback)!
            : throw new StepException(ErrorCodes.AgentFailed, $"The answer of the agent {task.Agent.Name} is not the one that was taken.");
    }

    private static AgentUsage? UsageOf(AgentCallback callback) =>
        callback.Usage is { } used ? new AgentUsage(used.Tokens ?? 0, used.Usd ?? 0, 0) : null;
}
