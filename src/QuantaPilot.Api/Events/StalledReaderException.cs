namespace QuantaPilot.Api.Events;

/// <summary>A reader holds a connection, and what was read for it, and takes nothing.</summary>
internal sealed class StalledReaderException(TimeSpan patience) : Exception($"The reader has taken nothing for {patience.TotalSeconds} s.");
