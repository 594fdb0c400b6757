using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using QuantaPilot.Core.Runs;

namespace QuantaPilot.Integrations.Tables;

/// <summary>The keys of rows. They sort as text, so numbers have leading zeros.</summary>
internal static class Keys
{
    public const string Run = "run";
    public const string Hours = "hours";
    private const int TicksLength = 19;
    private const long LastSequence = 9_999_999_999;

    /// <summary>The row of an event in its run's partition.</summary>
    public static string Event(long sequence) => $"e:{Math.Min(sequence, LastSequence):D10}";

    public static long SequenceOf(string eventKey) => long.Parse(eventKey.AsSpan(2), CultureInfo.InvariantCulture);

    /// <summary>Just behind all events.</summary>
    public const string AfterEvents = "e;";

    /// <summary>Newest first.</summary>
    public static string Listed(RunSnapshot run) => $"{DateTime.MaxValue.Ticks - run.CreatedAt.UtcTicks:D19}-{run.RunId}";

    /// <summary>Those that ended first come first.</summary>
    public static string Ended(RunSnapshot run) => $"{run.EndedAt!.Value.UtcTicks:D19}-{run.RunId}";

    public static RunId RunIdOf(string listKey) => RunId.Parse(listKey[(TicksLength + 1)..]);

    /// <summary>The partition of a position in the log.</summary>
    public static string Hour(long position) =>
        new DateTime(position, DateTimeKind.Utc).ToString("yyyyMMddHH", CultureInfo.InvariantCulture);

    /// <summary>With the run, so that two instances that hit upon one position never overwrite each other.</summary>
    public static string Logged(long position, RunId runId) => $"{position:D19}-{runId}";

    public static string Position(long position) => $"{position:D19}";

    public static long PositionOf(string logKey) => long.Parse(logKey.AsSpan(0, TicksLength), CultureInfo.InvariantCulture);

    /// <summary>A text of any length and alphabet as part of a key: half of its SHA-256.</summary>
    public static string Hash(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)).AsSpan(0, 16));
}
