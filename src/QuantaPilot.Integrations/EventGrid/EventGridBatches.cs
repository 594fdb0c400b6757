using QuantaPilot.Core.Ports;

namespace QuantaPilot.Integrations.EventGrid;

/// <summary>The JSON batch format of CloudEvents, within Event Grid's limits.</summary>
internal static class EventGridBatches
{
    /// <summary>
    /// 1 MB, for a request and so for an event: https://learn.microsoft.com/azure/event-grid/post-to-custom-topic. Events count
    /// in steps of 64 KB for the bill only. What is larger is answered with 413.
    /// </summary>
    public const int MaxBytes = 1024 * 1024;

    /// <summary>The brackets.</summary>
    private const int Frame = 2;

    /// <summary>True if the event can be sent, alone.</summary>
    public static bool Fits(OutgoingEvent e) => e.Json.Length + Frame <= MaxBytes;

    /// <summary>Puts events together, in their order, as many in each batch as fit.</summary>
    /// <param name="events">The events.</param>
    /// <param name="indexes">Which of them; each fits alone.</param>
    public static IEnumerable<ArraySegment<int>> Split(IReadOnlyList<OutgoingEvent> events, int[] indexes)
    {
        var (start, bytes) = (0, Frame);
        for (var i = 0; i < indexes.Length; i++)
        {
            // A comma goes before all but the first.
            var more = events[indexes[i]].Json.Length + (i > start ? 1 : 0);
            if (bytes + more > MaxBytes)
            {
                yield return new ArraySegment<int>(indexes, start, i - start);
                (start, bytes) = (i, Frame);
                more = events[indexes[i]].Json.Length;
            }
            bytes += more;
        }
        if (start < indexes.Length) yield return new ArraySegment<int>(indexes, start, indexes.Length - start);
    }

    public static ReadOnlyMemory<byte> Write(IReadOnlyList<OutgoingEvent> events)
    {
        var bytes = new byte[Frame + events.Sum(e => e.Json.Length) + events.Count - 1];
        var end = 0;
        foreach (var e in events)
        {
            bytes[end] = end == 0 ? (byte)'[' : (byte)',';
            e.Json.CopyTo(bytes.AsMemory(end + 1));
            end += 1 + e.Json.Length;
        }
        bytes[end] = (byte)']';
        return bytes;
    }
}
