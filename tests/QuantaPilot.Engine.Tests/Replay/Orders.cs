using QuantaPilot.Core.Orchestrations;

namespace QuantaPilot.Engine.Tests.Replay;

/// <summary>The orchestration whose histories are committed, and builds of it that were changed in ways that do not fit them.</summary>
internal static class Orders
{
    public static OrchestrationRegistry AsRecorded { get; } = Build(async (context, order) =>
    {
        var price = await context.CallActivityAsync<int>("Price", order);
        await Task.WhenAll(context.CallActivityAsync<int>("Reserve", order), context.CallActivityAsync<int>("Notify", order));
        return await ApproveAsync(context, price);
    });

    public static OrchestrationRegistry RenamedActivity { get; } = Build(async (context, order) =>
    {
        var price = await context.CallActivityAsync<int>("Quote", order);
        await Task.WhenAll(context.CallActivityAsync<int>("Reserve", order), context.CallActivityAsync<int>("Notify", order));
        return await ApproveAsync(context, price);
    });

    public static OrchestrationRegistry SwappedOrder { get; } = Build(async (context, order) =>
    {
        var price = await context.CallActivityAsync<int>("Price", order);
        await Task.WhenAll(context.CallActivityAsync<int>("Notify", order), context.CallActivityAsync<int>("Reserve", order));
        return await ApproveAsync(context, price);
    });

    public static OrchestrationRegistry RemovedTimer { get; } = Build(async (context, order) =>
    {
        var price = await context.CallActivityAsync<int>("Price", order);
        await Task.WhenAll(context.CallActivityAsync<int>("Reserve", order), context.CallActivityAsync<int>("Notify", order));
        return await context.WaitForExternalEventAsync<bool>("approved") ? price : 0;
    });

    public static OrchestrationRegistry ExtraCall { get; } = Build(async (context, order) =>
    {
        var price = await context.CallActivityAsync<int>("Price", order);
        await context.CallActivityAsync<int>("Quote", order);
        await Task.WhenAll(context.CallActivityAsync<int>("Reserve", order), context.CallActivityAsync<int>("Notify", order));
        return await ApproveAsync(context, price);
    });

    public static OrchestrationRegistry EndsEarly { get; } = Build(async (context, order) =>
    {
        var price = await context.CallActivityAsync<int>("Price", order);
        await Task.WhenAll(context.CallActivityAsync<int>("Reserve", order), context.CallActivityAsync<int>("Notify", order));
        return price;
    });

    public static OrchestrationRegistry WaitsForAnotherEvent { get; } = Build(async (context, order) =>
    {
        var price = await context.CallActivityAsync<int>("Price", order);
        await Task.WhenAll(context.CallActivityAsync<int>("Reserve", order), context.CallActivityAsync<int>("Notify", order));
        return await ApproveAsync(context, price, "agreed");
    });

    private static OrchestrationRegistry Build(Func<IOrchestrationContext, string, Task<int>> body) => new OrchestrationRegistry()
        .AddOrchestration("Order", context => body(context, context.GetInput<string>()))
        .AddActivity<string, int>("Price", (_, order) => Task.FromResult(order.Length))
        .AddActivity<string, int>("Quote", (_, order) => Task.FromResult(order.Length))
        .AddActivity<string, int>("Reserve", (_, order) =>
            order == "unobtainable" ? throw new InvalidDataException("out of stock") : Task.FromResult(0))
        .AddActivity<string, int>("Notify", (_, _) => Task.FromResult(0));

    private static async Task<int> ApproveAsync(IOrchestrationContext context, int price, string eventName = "approved")
    {
        using var cancellation = new CancellationTokenSource();
        var approved = context.WaitForExternalEventAsync<bool>(eventName, cancellation.Token);
        var timeout = context.CreateTimerAsync(context.UtcNow.AddDays(1), cancellation.Token);
        var first = await Task.WhenAny(approved, timeout);
        cancellation.Cancel();
        return first == approved && await approved ? price : 0;
    }
}
