using QuantaPilot.Core.Runs;

namespace QuantaPilot.Core.Contracts;

/// <summary>A task as it is posted to an <c>http</c> agent.</summary>
/// <param name="RunId">The run.</param>
/// <param name="Step"><c>documentation</c>, or a milestone's id with the number of the task.</param>
/// <param name="Round">1 for the first try, 2 for the first rework, and so on.</param>
/// <param name="Repository">The repository.</param>
/// <param name="Branch">The branch that the run merges into.</param>
/// <param name="WorkBranch">The branch that the work goes to; it may not exist yet.</param>
/// <param name="BaseCommit">The commit to work on.</param>
/// <param name="Prompt">What to do, in words; empty for documentation.</param>
/// <param name="DocumentationPath">The folder of the documentation set, if that is what is wanted.</param>
/// <param name="Feedback">What was said of the round before.</param>
/// <param name="Criteria">What the reviewer checks.</param>
/// <param name="CallbackUrl">Where the answer goes.</param>
/// <param name="Deadline">Later answers are not taken.</param>
public sealed record AgentTaskMessage(
    RunId RunId,
    string Step,
    int Round,
    string Repository,
    string Branch,
    string WorkBranch,
    string BaseCommit,
    string Prompt,
    string? DocumentationPath,
    string? Feedback,
    IReadOnlyList<string> Criteria,
    string? CallbackUrl,
    DateTimeOffset Deadline);

/// <summary>What an agent may answer when it is given its task; any 2xx accepts it.</summary>
/// <param name="TaskUrl">On its own host: gets a signed DELETE if the task is given up.</param>
public sealed record AgentTaskAccepted(string? TaskUrl = null);

/// <summary>What an agent says at the callback URL of its task.</summary>
/// <param name="Status"><c>running</c> with a message, <c>succeeded</c> or <c>failed</c>.</param>
/// <param name="Summary">For the reviewer, Markdown; with <c>succeeded</c>.</param>
/// <param name="Message">Progress, or why it failed.</param>
/// <param name="Files">What it changed.</param>
/// <param name="HeadSha">The head of the work branch, if it pushed its work there itself.</param>
/// <param name="Usage">What it used up.</param>
public sealed record AgentCallback(
    string? Status,
    string? Summary = null,
    string? Message = null,
    IReadOnlyList<AgentFile>? Files = null,
    string? HeadSha = null,
    AgentCallbackUsage? Usage = null);

/// <summary>A file that an agent changed: one of content, content_base64 and deleted is given.</summary>
/// <param name="Path">Relative to the root of the repository.</param>
/// <param name="Content">Its text.</param>
/// <param name="ContentBase64">Its bytes in base64.</param>
/// <param name="Deleted">True if it is to go.</param>
public sealed record AgentFile(string? Path, string? Content = null, string? ContentBase64 = null, bool? Deleted = null);

/// <param name="Tokens">Tokens of models, in and out.</param>
/// <param name="Usd">Money, in US dollars.</param>
public sealed record AgentCallbackUsage(long? Tokens = null, decimal? Usd = null);

/// <summary>The answer to a callback.</summary>
/// <param name="Result"><c>recorded</c>.</param>
public sealed record AgentCallbackAnswer(string Result);
