using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using QuantaPilot.Api.Access;
using QuantaPilot.Api.Audit;
using QuantaPilot.Api.Http;
using QuantaPilot.Core.Audit;
using QuantaPilot.Core.Contracts;
using QuantaPilot.Core.Ports;
using QuantaPilot.Core.Runs;
using QuantaPilot.Core.Subscriptions;

namespace QuantaPilot.Api.Subscriptions;

/// <summary>Making, showing, switching and deleting subscriptions.</summary>
internal sealed class SubscriptionHandlers(
    ISubscriptionStore store,
    VisibleSubscriptions visible,
    SubscriptionRequestValidator validator,
    AuditTrail audit,
    TimeProvider time,
    ILogger<SubscriptionHandlers> logger)
{
    /// <summary>Every event is held against every subscription.</summary>
    public const int MaxSubscriptions = 500;

    private const string NoReason = "An admin disabled it.";

    public async Task<IResult> CreateAsync(HttpContext context)
    {
        if (new QueryReader(context).Problem is { } query) return query;
        var body = await RequestBody.ReadAsync(context, CoreJson.Default.SubscriptionRequest);
        if (!body.Succeeded(out var given, out var problem)) return problem;
        var caller = Caller.Of(context);
        var (request, errors) = await validator.ValidateAsync(given, caller, context.RequestAborted);
        if (request is null) return ProblemResult.Invalid(errors);
        if ((await store.ListAsync(context.RequestAborted)).Count >= MaxSubscriptions) return TooMany();

        var now = time.GetUtcNow();
        var secret = WebhookSecrets.NewSigningSecret(now);
        var subscription = new Subscription
        {
            Id = WebhookSecrets.NewId(),
            Url = request.Url,
            Filter = request.Filter,
            Secrets = [secret],
            PlainSecret = request.SecretHeader ? WebhookSecrets.NewPlainSecret() : null,
            CreatedBy = caller.Name,
            CreatedAt = now,
            UpdatedAt = now,
        };
        await audit.ActAsync(
            EntryFor(caller, AuditAction.CreateSubscription, subscription),
            () => CreateAsync(subscription),
            _ => AuditOutcome.Accepted);
        Logs.SubscriptionChanged(logger, subscription.Id, "made", caller.TokenId);
        context.Response.Headers.Location = $"/subscriptions/{subscription.Id}";
        var header = SecretHeaderResource.From(subscription.PlainSecret);
        return new JsonResult<SubscriptionCreated>(
            new SubscriptionCreated(subscription.Id, subscription.Url, subscription.Filter, now, secret.Text, header),
            CoreJson.Default.SubscriptionCreated,
            StatusCodes.Status201Created);
    }

    public async Task<IResult> ListAsync(HttpContext context)
    {
        if (new QueryReader(context).Problem is { } problem) return problem;
        var now = time.GetUtcNow();
        var all = await visible.ListAsync(context);
        IReadOnlyList<SubscriptionResource> items = [.. all.Select(subscription => SubscriptionResource.From(subscription, now))];
        return new JsonResult<ResourcePage<SubscriptionResource>>(
            new ResourcePage<SubscriptionResource>(items, null), CoreJson.Default.ResourcePageSubscriptionResource);
    }

    public async Task<IResult> GetAsync(HttpContext context)
    {
        if (new QueryReader(context).Problem is { } problem) return problem;
        return await visible.FindAsync(context) is { } subscription ? Shown(subscription) : VisibleSubscriptions.NotFound();
    }

    public async Task<IResult> DeleteAsync(HttpContext context)
    {
        if (new QueryReader(context).Problem is { } problem) return problem;
        if (await visible.FindAsync(context) is not { } subscription) return VisibleSubscriptions.NotFound();
        var caller = Caller.Of(context);
        var deleted = await audit.ActAsync(
            EntryFor(caller, AuditAction.DeleteSubscription, subscription),
            () => store.DeleteAsync(subscription.Id, CancellationToken.None),
            found => found ? AuditOutcome.Accepted : AuditOutcome.NoEffect);
        if (!deleted) return VisibleSubscriptions.NotFound();
        Logs.SubscriptionChanged(logger, subscription.Id, "deleted", caller.TokenId);
        return TypedResults.NoContent();
    }

    /// <summary>Has it get events again: those from now on, and those that still wait for it.</summary>
    public async Task<IResult> EnableAsync(HttpContext context)
    {
        if (new QueryReader(context).Problem is { } problem) return problem;
        return await ChangeAsync(context, AuditAction.EnableSubscription, "enabled", present => present.Enabled(time.GetUtcNow()));
    }

    public async Task<IResult> DisableAsync(HttpContext context)
    {
        if (new QueryReader(context).Problem is { } query) return query;
        var body = await RequestBody.ReadAsync(context, CoreJson.Default.ControlRequest, ifEmpty: new ControlRequest());
        if (!body.Succeeded(out var request, out var problem)) return problem;
        if (FreeText.FindFault(request.Reason) is { } fault) return ProblemResult.Invalid("reason", fault);
        var reason = string.IsNullOrWhiteSpace(request.Reason) ? NoReason : Redactor.Redact(request.Reason);
        return await ChangeAsync(
            context, AuditAction.DisableSubscription, "disabled", present => present.Disabled(reason, time.GetUtcNow()));
    }

    private async Task<IResult> ChangeAsync(
        HttpContext context, AuditAction action, string change, Func<Subscription, Subscription> apply)
    {
        if (await visible.FindAsync(context) is not { } subscription) return VisibleSubscriptions.NotFound();
        var caller = Caller.Of(context);
        var changed = await audit.ActAsync(
            EntryFor(caller, action, subscription),
            () => store.UpdateAsync(subscription.Id, apply, CancellationToken.None),
            after => after is null ? AuditOutcome.NoEffect : AuditOutcome.Accepted);
        if (changed is null) return VisibleSubscriptions.NotFound();
        Logs.SubscriptionChanged(logger, changed.Id, change, caller.TokenId);
        return Shown(changed);
    }

    private async Task<bool> CreateAsync(Subscription subscription)
    {
        await store.CreateAsync(subscription, CancellationToken.None);
        return true;
    }

    private AuditEntry EntryFor(Caller caller, AuditAction action, Subscription subscription) =>
        audit.EntryFor(caller, action, subscription.Filter.Projects) with { ResourceId = subscription.Id };

    private JsonResult<SubscriptionResource> Shown(Subscription subscription) =>
        new(SubscriptionResource.From(subscription, time.GetUtcNow()), CoreJson.Default.SubscriptionResource);

    private static ProblemResult TooMany() => new(
        StatusCodes.Status409Conflict,
        ErrorCodes.InvalidState,
        $"There are {MaxSubscriptions} subscriptions already, which is all that a host takes. Delete one first.");
}
