using Microsoft.AspNetCore.Http;
using QuantaPilot.Core.Contracts;
using QuantaPilot.Core.Runs;

namespace QuantaPilot.Api.Http;

/// <summary>An error as <c>application/problem+json</c>.</summary>
internal sealed record ProblemResult(
    int Status,
    string ErrorCode,
    string Detail,
    RunId? RunId = null,
    IReadOnlyDictionary<string, string>? Errors = null) : IResult
{
    private const string ContentType = "application/problem+json";

    /// <summary>What the caller can mend: each field at fault and what is accepted.</summary>
    public static ProblemResult Invalid(IReadOnlyDictionary<string, string> errors) => new(
        StatusCodes.Status400BadRequest,
        ErrorCodes.InvalidRequest,
        string.Join(' ', errors.Select(error => $"{error.Key} {error.Value}.")),
        Errors: errors);

    public static ProblemResult Invalid(string field, string fault) => Invalid(new Dictionary<string, string> { [field] = fault });

    public static ProblemResult Malformed(string detail) => new(StatusCodes.Status400BadRequest, ErrorCodes.InvalidRequest, detail);

    public static ProblemResult NotFound(string detail) => new(StatusCodes.Status404NotFound, ErrorCodes.NotFound, detail);

    /// <summary>The same whether there is no such run or the caller may not see it.</summary>
    public static ProblemResult NoSuchRun() => NotFound("There is no such run. A run id is 32 lower-case hexadecimal digits.");

    public Task ExecuteAsync(HttpContext context) =>
        new JsonResult<Problem>(ToProblem(context), CoreJson.Default.Problem, Status, ContentType).ExecuteAsync(context);

    public Problem ToProblem(HttpContext context) => new(
        $"https://quantapilot.dev/problems/{ErrorCode}",
        char.ToUpperInvariant(ErrorCode[0]) + ErrorCode[1..].Replace('_', ' '),
        Status,
        Detail,
        ErrorCode,
        context.TraceIdentifier,
        RunId?.ToString(),
        Errors);
}
