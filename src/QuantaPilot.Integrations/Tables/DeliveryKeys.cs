using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using QuantaPilot.Core.Deliveries;
using QuantaPilot.Core.Ports;

namespace QuantaPilot.Integrations.Tables;

/// <summary>
/// The keys of deliveries. A delivery's own row is in the partition of its run; rows in the partitions of lists name it,
/// newest first.
/// </summary>
internal static class DeliveryKeys
{
    public const string All = "all";
    private const int TicksLength = 19;
    private const long LastSequence = 9_999_999_999;
    private const int CheckBytes = 4;

    public static string Row(string sink, long sequence) => string.Create(CultureInfo.InvariantCulture, $"{sink}:{sequence:D10}");

    /// <summary>Its place in a list. It never changes, so that a repeat after a fault writes the same row.</summary>
    public static string Listed(Delivery delivery) => string.Create(
        CultureInfo.InvariantCulture,
        $"{DateTime.MaxValue.Ticks - delivery.CreatedAt.UtcTicks:D19}-{delivery.RunId}:{LastSequence - delivery.Sequence:D10}:{delivery.Sink}");

    public static DeliveryId IdOf(string listedKey)
    {
        var parts = listedKey[(TicksLength + 1)..].Split(':');
        return new DeliveryId(
            Core.Runs.RunId.Parse(parts[0]), LastSequence - long.Parse(parts[1], CultureInfo.InvariantCulture), parts[2]);
    }

    public static string Sink(string sink) => $"sink:{sink}";

    /// <summary>The list of those that are in a status, or null: there is none of what was delivered, which is nearly all.</summary>
    public static string? Status(DeliveryStatus status) => status switch
    {
        DeliveryStatus.Pending => "pending",
        DeliveryStatus.DeadLettered => "dead_lettered",
        _ => null,
    };

    /// <summary>All lists that a delivery may be in.</summary>
    public static IEnumerable<string> Lists(string sink) => [All, Sink(sink), "pending", "dead_lettered"];

    /// <summary>Where a page of a list ended, as an opaque text. The check bytes keep no secret.</summary>
    public static string EncodeCursor(string list, string listedKey)
    {
        var bytes = Encoding.ASCII.GetBytes(listedKey);
        return Base64Url.EncodeToString([.. Check(list, bytes), .. bytes]);
    }

    /// <exception cref="InvalidCursorException">The text is not from <see cref="EncodeCursor"/> of that list.</exception>
    public static string DecodeCursor(string list, string text)
    {
        if (!Base64Url.IsValid(text)) throw new InvalidCursorException();
        var bytes = Base64Url.DecodeFromChars(text);
        if (bytes.Length <= CheckBytes || !bytes.AsSpan(0, CheckBytes).SequenceEqual(Check(list, bytes.AsSpan(CheckBytes))))
            throw new InvalidCursorException();
        return Encoding.ASCII.GetString(bytes, CheckBytes, bytes.Length - CheckBytes);
    }

    private static byte[] Check(string list, ReadOnlySpan<byte> key) =>
        SHA256.HashData([.. Encoding.ASCII.GetBytes(list), (byte)'\n', .. key])[..CheckBytes];
}
