using Microsoft.AspNetCore.Http;
using QuantaPilot.Api.Access;
using QuantaPilot.Api.Audit;
using QuantaPilot.Api.Http;
using QuantaPilot.Core.Activities;
using QuantaPilot.Core.Audit;
using QuantaPilot.Core.Contracts;
using QuantaPilot.Core.Deliveries;
using QuantaPilot.Core.Orchestrations;
using QuantaPilot.Core.Ports;
using QuantaPilot.Core.Runs;

namespace QuantaPilot.Api.Deliveries;

/// <summary>What became of events on their way to sinks, and trying again by hand.</summary>
internal sealed class DeliveryHandlers(
    IDeliveryStore store, IOrchestrationClient client, EventSinks sinks, AuditTrail audit, TimeProvider time)
{
    /// <summary>Bounds the work of one request for a token whose projects are rare among the deliveries.</summary>
    private const int MaxPages = 10;

    private static readonly Dictionary<string, DeliveryStatus> _statuses = new(StringComparer.Ordinal)
    {
        ["pending"] = DeliveryStatus.Pending,
        ["delivered"] = DeliveryStatus.Delivered,
        ["dead_lettered"] = DeliveryStatus.DeadLettered,
    };

    /// <summary>Newest first. A page may hold fewer than asked for, even none, and still have a next one.</summary>
    public Task<IResult> ListAsync(HttpContext context)
    {
        var query = new QueryReader(context, "sink", "status", "run_id", "limit", "cursor");
        return ListAsync(context, query, ReadSink(query));
    }

    /// <summary>The same for one sink, which the caller may see.</summary>
    public Task<IResult> ListOfSinkAsync(HttpContext context, string sink) =>
        ListAsync(context, new QueryReader(context, "status", "run_id", "limit", "cursor"), sink);

    private async Task<IResult> ListAsync(HttpContext context, QueryReader query, string? sink)
    {
        var filter = new DeliveryQuery(sink, ReadStatus(query), ReadRunId(query), query.Limit(), query.Text("cursor"));
        if (query.Problem is { } problem) return problem;
        var caller = Caller.Of(context);
        var items = new List<DeliveryResource>();
        var cursor = filter.Cursor;
        try
        {
            for (var pages = 0; pages < MaxPages && items.Count < filter.Limit; pages++)
            {
                var rest = filter with { Cursor = cursor, Limit = filter.Limit - items.Count };
                var page = await store.ListAsync(rest, context.RequestAborted);
                items.AddRange(page.Items.Where(delivery => caller.MaySee(delivery.Project)).Select(DeliveryResource.From));
                cursor = page.NextCursor;
                if (cursor is null) break;
            }
        }
        catch (InvalidCursorException)
        {
            return ProblemResult.Invalid("cursor", "must be the next_cursor of a page of this list");
        }
        return new JsonResult<ResourcePage<DeliveryResource>>(
            new ResourcePage<DeliveryResource>(items, cursor), CoreJson.Default.ResourcePageDeliveryResource);
    }

    /// <summary>Tries a delivery now: one that is pending ahead of its time, one that is settled anew.</summary>
    public async Task<IResult> RedeliverAsync(HttpContext context)
    {
        if (new QueryReader(context).Problem is { } problem) return problem;
        if (!DeliveryId.TryParse(context.PathValue("delivery_id"), out var id)
            || await store.GetAsync(id, context.RequestAborted) is not { } delivery
            || !Caller.Of(context).MaySee(delivery.Project)) return NoSuchDelivery();
        if (await sinks.FindAsync(id.Sink, context.RequestAborted) is null)
        {
            return new ProblemResult(
                StatusCodes.Status409Conflict,
                ErrorCodes.InvalidState,
                $"This host has no sink named {id.Sink}, so it can't deliver to it: no topic in its settings, and no subscription.",
                id.RunId);
        }
        // Once begun it is carried through, also for a caller who has hung up.
        var entry = audit.EntryFor(Caller.Of(context), AuditAction.RedeliverEvent, [delivery.Project]);
        var tried = await audit.ActAsync(
            entry with { RunId = id.RunId, ResourceId = id.ToString() },
            async () => await TryNowAsync(delivery) ? delivery : await StartAsync(delivery),
            found => found is null ? AuditOutcome.NoEffect : AuditOutcome.Accepted);
        if (tried is null) return NoSuchDelivery();
        return new JsonResult<DeliveryResource>(
            DeliveryResource.From(tried), CoreJson.Default.DeliveryResource, StatusCodes.Status202Accepted);
    }

    /// <summary>Tells the orchestration that has the delivery in its care.</summary>
    /// <returns>False if there is none.</returns>
    private async Task<bool> TryNowAsync(Delivery delivery) => delivery is { Status: DeliveryStatus.Pending, InstanceId: { } instance }
        && await client.RaiseEventAsync(instance, DeliveryOrchestration.DeliverNow, new Done(), CancellationToken.None);

    /// <returns>Null if the delivery was removed in the meantime.</returns>
    private async Task<Delivery?> StartAsync(Delivery delivery)
    {
        var now = time.GetUtcNow();
        // Of callers at the same time each comes to the same number, and so to the same orchestration.
        var redelivery = delivery.Redeliveries + 1;
        var after = await store.UpdateAsync(
            delivery.Id.Batch, (_, present) => present?.Redelivered(redelivery, now), CancellationToken.None);
        if (after is not [{ InstanceId: { } instance } started]) return null;
        await client.StartAsync(
            DeliveryOrchestration.Name, instance, new DeliveryInput(started.Id.Batch, now, Tried: 0), CancellationToken.None);
        return started;
    }

    private static string? ReadSink(QueryReader query)
    {
        var text = query.Text("sink");
        if (text is not null && !SinkName.IsValid(text)) query.Refuse("sink", $"must have {SinkName.Accepted}");
        return text;
    }

    private static DeliveryStatus? ReadStatus(QueryReader query)
    {
        if (query.Text("status") is not { } text) return null;
        if (_statuses.TryGetValue(text, out var status)) return status;
        query.Refuse("status", $"must be one of {string.Join(", ", _statuses.Keys)}");
        return null;
    }

    private static RunId? ReadRunId(QueryReader query)
    {
        if (query.Text("run_id") is not { } text) return null;
        if (RunId.TryParse(text, out var runId)) return runId;
        query.Refuse("run_id", "must be 32 lower-case hexadecimal digits");
        return null;
    }

    private static ProblemResult NoSuchDelivery() =>
        ProblemResult.NotFound("There is no such delivery. GET /deliveries lists them with their ids.");
}
