using QuantaPilot.Core.Contracts;
using QuantaPilot.Core.Runs;

namespace QuantaPilot.Api.Runs;

/// <param name="Repository">The repository in canonical form.</param>
/// <param name="Branch">The target branch.</param>
/// <param name="QuantapilotYamlPath">Relative path in the repository, if given.</param>
/// <param name="CorrelationId">Canonical UUID, if given.</param>
internal sealed record ValidRunRequest(RepositoryUrl Repository, string Branch, string? QuantapilotYamlPath, string? CorrelationId);

internal static class RunRequestValidator
{
    private const int MaxPathLength = 255;
    private const string Secret = "holds what looks like a secret: leave it out; credentials come from the host's settings";

    /// <summary>The request, or each field at fault and what is accepted.</summary>
    public static (ValidRunRequest? Request, IReadOnlyDictionary<string, string> Errors) Validate(RunRequest request)
    {
        var errors = new Dictionary<string, string>(StringComparer.Ordinal);
        RepositoryUrl? repository = null;
        if (request.RepoUrl is null) errors["repo_url"] = "is required: an absolute https URL of a git repository";
        else if (!RepositoryUrl.TryParse(request.RepoUrl, out repository, out var fault)) errors["repo_url"] = "is not accepted: " + fault.TrimEnd('.');
        else if (Redactor.HoldsSecret(repository.Value)) errors["repo_url"] = Secret;

        if (request.Branch is null) errors["branch"] = "is required: the branch that the run works on and merges into";
        else if (BranchName.FindFault(request.Branch) is { } fault) errors["branch"] = fault;
        else if (Redactor.HoldsSecret(request.Branch)) errors["branch"] = Secret;

        if (request.QuantapilotYamlPath is { } path && FindPathFault(path) is { } pathFault) errors["quantapilot_yaml_path"] = pathFault;

        Guid correlationId = default;
        if (request.CorrelationId is { } id && !Guid.TryParseExact(id, "D", out correlationId))
            errors["correlation_id"] = "must be a UUID, e.g. 123e4567-e89b-12d3-a456-426614174000";

        return errors.Count > 0
            ? (null, errors)
            : (new ValidRunRequest(
                repository!, request.Branch!, request.QuantapilotYamlPath, request.CorrelationId is null ? null : correlationId.ToString()), errors);
    }

    private static string? FindPathFault(string path)
    {
        if (path.Length is 0 or > MaxPathLength) return $"must have 1 to {MaxPathLength} characters";
        if (path.Any(char.IsControl) || path.Contains('\\', StringComparison.Ordinal))
        {
            return "must not contain control characters or backslashes";
        }
        if (Redactor.HoldsSecret(path)) return Secret;
        if (path[0] == '/' || path.Split('/').Any(part => part is "" or "." or ".." or ".git"))
            return "must be a relative path below the root of the repository, without empty parts, ., .. or .git";
        return path.EndsWith(".yml", StringComparison.Ordinal) || path.EndsWith(".yaml", StringComparison.Ordinal)
            ? null
            : "must end with .yml or .yaml";
    }
}
