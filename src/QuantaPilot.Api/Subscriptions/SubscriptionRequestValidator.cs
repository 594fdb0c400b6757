using QuantaPilot.Api.Access;
using QuantaPilot.Api.Runs;
using QuantaPilot.Api.Tokens;
using QuantaPilot.Core.Contracts;
using QuantaPilot.Core.Runs;
using QuantaPilot.Core.Subscriptions;

namespace QuantaPilot.Api.Subscriptions;

/// <param name="Url">Where to.</param>
/// <param name="Filter">Which events.</param>
/// <param name="SecretHeader">Whether a plain secret is sent too.</param>
internal sealed record ValidSubscriptionRequest(string Url, SubscriptionFilter Filter, bool SecretHeader);

internal sealed class SubscriptionRequestValidator(WebhookTargets targets, VisibleRuns runs)
{
    private const string Events = "filter.events";
    private const string Projects = "filter.projects";
    private const string Run = "filter.run_id";

    private static readonly string _eventNames = string.Join(", ", EventData.Names);

    /// <summary>The request, or each field at fault and what is accepted.</summary>
    /// <param name="request">As it came.</param>
    /// <param name="caller">Who asks: nobody subscribes to more than they may see.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public async Task<(ValidSubscriptionRequest? Request, IReadOnlyDictionary<string, string> Errors)> ValidateAsync(
        SubscriptionRequest request, Caller caller, CancellationToken cancellationToken)
    {
        var errors = new Dictionary<string, string>(StringComparer.Ordinal);
        if (targets.FindFault(request.Url) is { } fault) errors["url"] = fault;
        var given = request.Filter ?? new SubscriptionFilterRequest();
        var events = ReadEvents(given.Events, errors);
        var projects = given.Projects is { } globs
            ? TokenRequestValidator.ReadProjects(globs, caller, errors, Projects)
            : caller.Projects;
        var run = given.RunId is { } text ? await ReadRunAsync(text, caller, errors, cancellationToken) : null;
        if (errors.Count > 0) return (null, errors);
        var filter = new SubscriptionFilter(events, projects, run);
        return (new ValidSubscriptionRequest(request.Url!, filter, request.SecretHeader == true), errors);
    }

    private static List<string> ReadEvents(IReadOnlyList<string?>? given, Dictionary<string, string> errors)
    {
        var events = new List<string>();
        if (given is { Count: 0 }) errors[Events] = $"must be an array of one or more of {_eventNames}, or be left out";
        for (var i = 0; i < (given?.Count ?? 0); i++)
        {
            var name = given![i];
            if (name is null || !EventData.Names.Contains(name)) errors[$"{Events}[{i}]"] = $"must be one of {_eventNames}";
            else if (events.Contains(name)) errors[$"{Events}[{i}]"] = "is given more than once";
            else events.Add(name);
        }
        return events;
    }

    private async Task<RunId?> ReadRunAsync(
        string text, Caller caller, Dictionary<string, string> errors, CancellationToken cancellationToken)
    {
        if (await runs.FindAsync(caller, text, cancellationToken) is { } run) return run.RunId;
        errors[Run] = "must be the id of a run";
        return null;
    }
}
