using QuantaPilot.Core.Agents;
using QuantaPilot.Core.Contracts;

namespace QuantaPilot.Api.Agents;

/// <summary>The rules for what agents say. What needs a checkout is found when the answer is worked off.</summary>
internal static class AgentCallbackValidator
{
    public const int MaxSummary = 8000;
    public const int MaxMessage = 4000;
    private const long MaxTokens = 1_000_000_000_000;
    private const decimal MaxUsd = 1_000_000;

    /// <summary>Each member at fault and what is accepted; empty if all is well.</summary>
    public static IReadOnlyDictionary<string, string> Validate(AgentCallback callback)
    {
        var errors = new Dictionary<string, string>(StringComparer.Ordinal);
        var isRunning = callback.Status == "running";
        if (callback.Status is not ("running" or "succeeded" or "failed")) errors["status"] = "must be running, succeeded or failed";
        if (isRunning && string.IsNullOrWhiteSpace(callback.Message)) errors["message"] = "is required with running: what there is to tell";
        if (callback.Status == "failed" && string.IsNullOrWhiteSpace(callback.Message)) errors["message"] = "is required with failed: why";
        CheckLength(errors, "summary", callback.Summary, MaxSummary);
        CheckLength(errors, "message", callback.Message, MaxMessage);
        if (callback.Status != "succeeded")
        {
            if (callback.Files is not null) errors["files"] = "goes with succeeded only";
            if (callback.HeadSha is not null) errors["head_sha"] = "goes with succeeded only";
        }
        if (isRunning && callback.Usage is not null) errors["usage"] = "goes with succeeded and failed only";
        if (callback.HeadSha is { } head && !IsSha(head)) errors["head_sha"] = "must be a commit: 40 lower-case hexadecimal digits";
        if (callback.HeadSha is not null && callback.Files is { Count: > 0 })
            errors["files"] = "excludes head_sha: the work is pushed or given, not both";
        if (callback.Usage?.Tokens is < 0 or > MaxTokens) errors["usage.tokens"] = $"must be a whole number from 0 to {MaxTokens}";
        if (callback.Usage?.Usd is < 0 or > MaxUsd) errors["usage.usd"] = $"must be a number from 0 to {MaxUsd}";
        CheckFiles(errors, callback.Files ?? []);
        return errors;
    }

    private static void CheckFiles(Dictionary<string, string> errors, IReadOnlyList<AgentFile?> files)
    {
        const int MostErrors = 20;
        if (files.Count > AgentFiles.MaxFiles) errors["files"] = $"must have at most {AgentFiles.MaxFiles} items";
        var paths = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < files.Count && errors.Count < MostErrors; i++)
        {
            if (files[i] is not { } file) errors[$"files[{i}]"] = "must be an object";
            else if (AgentFiles.FindFault(file) is var (member, fault)) errors[$"files[{i}].{member}"] = fault;
            else if (!paths.Add(file.Path!)) errors[$"files[{i}].path"] = "is given more than once";
        }
    }

    private static void CheckLength(Dictionary<string, string> errors, string name, string? text, int most)
    {
        if (text?.Length > most) errors.TryAdd(name, $"must have at most {most} characters");
    }

    private static bool IsSha(string text) => text.Length == 40 && text.All(c => c is (>= '0' and <= '9') or (>= 'a' and <= 'f'));
}
