using QuantaPilot.Core.Contracts;
using QuantaPilot.Core.Subscriptions;
using Spectre.Console;

namespace QuantaPilot.Cli.Output;

/// <summary>Shows subscriptions.</summary>
internal static class SubscriptionText
{
    public static string Filter(SubscriptionFilter filter)
    {
        var events = filter.Events.Count == 0 ? "all events" : string.Join(", ", filter.Events);
        var run = filter.RunId is { } id ? $" of run {id}" : "";
        return $"{events}{run} on {string.Join(", ", filter.Projects)}";
    }

    /// <summary>A line for each secret, so that a script can take the first.</summary>
    public static void WriteSecrets(IAnsiConsole console, string secret, SecretHeaderResource? header)
    {
        console.Line(secret);
        if (header is not null) console.Line($"{header.Name}: {header.Value}");
    }

    public static void Write(IAnsiConsole console, SubscriptionResource subscription, TimeProvider time)
    {
        console.Line(
            ($"{subscription.Id}  ", Styles.Plain),
            (ConsoleLines.Clean(subscription.Url), Styles.Strong),
            ($"  {Filter(subscription.Filter)}", Styles.Plain));
        if (subscription.DisabledAt is { } since)
        {
            var reason = ConsoleLines.Clean(subscription.DisabledReason ?? "");
            console.Line(("  disabled ", Styles.Bad), ($"{RunText.LocalTime(since, time)}: {reason}", Styles.Plain));
        }
        foreach (var end in subscription.Secrets.Select(secret => secret.ExpiresAt).OfType<DateTimeOffset>())
            console.Line(($"  a former secret counts until {RunText.LocalTime(end, time)}", Styles.Dim));
    }
}
