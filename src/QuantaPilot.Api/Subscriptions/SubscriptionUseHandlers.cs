using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using QuantaPilot.Api.Access;
using QuantaPilot.Api.Audit;
using QuantaPilot.Api.Deliveries;
using QuantaPilot.Api.Http;
using QuantaPilot.Core.Audit;
using QuantaPilot.Core.Contracts;
using QuantaPilot.Core.Pipeline;
using QuantaPilot.Core.Ports;
using QuantaPilot.Core.Runs;
using QuantaPilot.Core.Subscriptions;

namespace QuantaPilot.Api.Subscriptions;

/// <summary>What is done with a subscription: trying it, rotating its secrets, and looking at its deliveries.</summary>
internal sealed class SubscriptionUseHandlers(
    ISubscriptionStore store,
    VisibleSubscriptions visible,
    DeliveryHandlers deliveries,
    IWebhookSender sender,
    AuditTrail audit,
    TimeProvider time,
    ILogger<SubscriptionUseHandlers> logger)
{
    /// <summary>In bytes: enough to read what is wrong.</summary>
    private const int ShownBody = 1024;

    private static readonly TimeSpan _defaultOverlap = TimeSpan.FromHours(24);
    private static readonly TimeSpan _longestOverlap = TimeSpan.FromDays(30);

    public async Task<IResult> ListDeliveriesAsync(HttpContext context) => await visible.FindAsync(context) is { } subscription
        ? await deliveries.ListOfSinkAsync(context, subscription.Id)
        : VisibleSubscriptions.NotFound();

    /// <summary>Sends an event that is about no run, also to a subscription that is disabled, and answers what came of it.</summary>
    public async Task<IResult> TestAsync(HttpContext context)
    {
        if (new QueryReader(context).Problem is { } problem) return problem;
        if (await visible.FindAsync(context) is not { } subscription) return VisibleSubscriptions.NotFound();
        var id = $"test:{Guid.NewGuid():N}";
        var e = new WebhookTestEvent
        {
            Id = id,
            Subject = subscription.Id,
            Time = time.GetUtcNow(),
            Data = new WebhookTestData(subscription.Id),
        };
        var json = JsonSerializer.SerializeToUtf8Bytes(e, CoreJson.Default.WebhookTestEvent);
        var begun = time.GetTimestamp();
        var answer = await audit.ActAsync(
            EntryFor(context, AuditAction.TestSubscription, subscription),
            () => sender.SendAsync(subscription, new Webhook(id, json), ShownBody, context.RequestAborted),
            _ => AuditOutcome.Accepted);
        var took = time.GetElapsedTime(begun);
        var outcome = answer.Outcome;
        return new JsonResult<SubscriptionTestResult>(
            new SubscriptionTestResult(
                id,
                outcome.Verdict == SinkVerdict.Delivered,
                outcome.Code,
                outcome.HttpStatus,
                (long)took.TotalMilliseconds,
                answer.Body is { } body ? Shown(body, subscription) : null),
            CoreJson.Default.SubscriptionTestResult);
    }

    /// <summary>Gives a new secret; requests are signed with it and, for a while, with the former ones as well.</summary>
    public async Task<IResult> RotateAsync(HttpContext context)
    {
        if (new QueryReader(context).Problem is { } query) return query;
        if (await visible.FindAsync(context) is not { } subscription) return VisibleSubscriptions.NotFound();
        var body = await RequestBody.ReadAsync(context, CoreJson.Default.RotationRequest, ifEmpty: new RotationRequest());
        if (!body.Succeeded(out var request, out var problem)) return problem;
        if (ReadOverlap(request.Overlap) is not { } overlap)
            return ProblemResult.Invalid("overlap", $"must be {DurationText.Accepted}, from 0s to {DurationText.Format(_longestOverlap)}");

        var now = time.GetUtcNow();
        var secret = WebhookSecrets.NewSigningSecret(now);
        if (subscription.Rotated(secret, overlap).Secrets.Count > SubscriptionChanges.MaxSecrets) return TooManySecrets();
        var plain = request.SecretHeader == true ? WebhookSecrets.NewPlainSecret() : null;
        var changed = await audit.ActAsync(
            EntryFor(context, AuditAction.RotateSubscription, subscription),
            () => store.UpdateAsync(
                subscription.Id,
                present => present.Rotated(secret, overlap) with { PlainSecret = plain ?? present.PlainSecret },
                CancellationToken.None),
            after => after is null ? AuditOutcome.NoEffect : AuditOutcome.Accepted);
        if (changed is null) return VisibleSubscriptions.NotFound();
        Logs.SubscriptionChanged(logger, changed.Id, "given a new secret", Caller.Of(context).TokenId);
        return new JsonResult<SubscriptionRotated>(
            new SubscriptionRotated(changed.Id, secret.Text, SecretHeaderResource.From(plain), now + overlap),
            CoreJson.Default.SubscriptionRotated);
    }

    private AuditEntry EntryFor(HttpContext context, AuditAction action, Subscription subscription) =>
        audit.EntryFor(Caller.Of(context), action, subscription.Filter.Projects) with { ResourceId = subscription.Id };

    private static TimeSpan? ReadOverlap(string? text) => text switch
    {
        null => _defaultOverlap,
        "0s" => TimeSpan.Zero,
        _ => DurationText.TryParse(text, out var overlap) && overlap <= _longestOverlap ? overlap : null,
    };

    /// <summary>A receiver may echo what it was sent.</summary>
    private static string Shown(string body, Subscription subscription)
    {
        foreach (var secret in subscription.Secrets) body = body.Replace(secret.Text, Redactor.Replacement, StringComparison.Ordinal);
        if (subscription.PlainSecret is { } plain) body = body.Replace(plain.Value, Redactor.Replacement, StringComparison.Ordinal);
        return Redactor.Redact(body);
    }

    private static ProblemResult TooManySecrets() => new(
        StatusCodes.Status409Conflict,
        ErrorCodes.InvalidState,
        $"{SubscriptionChanges.MaxSecrets} secrets count already. Wait until one has ended, or give overlap 0s to end them all at once.");
}
