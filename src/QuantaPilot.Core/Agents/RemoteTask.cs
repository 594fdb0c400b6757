using System.Text.Json.Serialization;
using QuantaPilot.Core.Contracts;
using QuantaPilot.Core.Runs;

namespace QuantaPilot.Core.Agents;

/// <summary>A task that an agent elsewhere was given, from before it is told of it until the run needs no answer any more.</summary>
public sealed record RemoteTask
{
    /// <summary>As many messages of progress are taken.</summary>
    public const int MaxMessages = 1000;

    public required RunId RunId { get; init; }

    /// <summary>The step, as in <see cref="Ports.AgentTask.Step"/>.</summary>
    public required string Step { get; init; }

    /// <summary>1 for the first try, 2 for the first rework, and so on.</summary>
    public required int Round { get; init; }

    /// <summary>The name of the endpoint in the host's settings, whose secret its callbacks are signed with.</summary>
    public required string Endpoint { get; init; }

    /// <summary>The agent's name in quantapilot.yml.</summary>
    public required string Agent { get; init; }

    public RemoteTaskState State { get; init; }

    /// <summary>SHA-256 of the answer (lower-case hexadecimal), once there is one.</summary>
    public string? AnswerDigest { get; init; }

    /// <summary>How many messages of progress have come.</summary>
    public int Messages { get; init; }

    /// <summary>With the answer; unchanged unless it is open.</summary>
    public RemoteTask Answered(string digest) =>
        State == RemoteTaskState.Open ? this with { State = RemoteTaskState.Answered, AnswerDigest = digest } : this;

    /// <summary>After the run was told of the answer.</summary>
    public RemoteTask Told() => State == RemoteTaskState.Answered ? this with { State = RemoteTaskState.Told } : this;

    /// <summary>Without an answer for good; unchanged if there is one.</summary>
    public RemoteTask Closed() => State == RemoteTaskState.Open ? this with { State = RemoteTaskState.Closed } : this;

    /// <summary>With one more message of progress; unchanged unless it is open and has not had its share.</summary>
    public RemoteTask WithMessage() =>
        State == RemoteTaskState.Open && Messages < MaxMessages ? this with { Messages = Messages + 1 } : this;

    /// <summary>What is handed on of the answer, if there is one.</summary>
    [JsonIgnore]
    public AgentAnswer? Answer => AnswerDigest is { } digest ? new AgentAnswer(Step, Round, digest) : null;
}

/// <summary>How far a <see cref="RemoteTask"/> is.</summary>
[JsonConverter(typeof(SnakeCaseEnumConverter<RemoteTaskState>))]
public enum RemoteTaskState
{
    /// <summary>It waits for its answer.</summary>
    Open,

    /// <summary>The answer is stored; the run may not have been told.</summary>
    Answered,

    /// <summary>The run has been told.</summary>
    Told,

    /// <summary>It was given up: no answer is taken any more.</summary>
    Closed,
}

/// <summary>An agent has answered. The answer itself is in the store: it may be large, and histories are not.</summary>
/// <param name="Step">The step that it answers.</param>
/// <param name="Round">The round that it answers.</param>
/// <param name="Digest">SHA-256 of the answer, lower-case hexadecimal.</param>
public sealed record AgentAnswer(string Step, int Round, string Digest);
