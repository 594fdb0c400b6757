using System.Text;
using QuantaPilot.Integrations.RunLogs;

namespace QuantaPilot.Integrations.Command;

/// <summary>The last bytes of what a program writes; its memory is bounded however much that is.</summary>
internal sealed class OutputTail
{
    public const int Capacity = 16 * 1024;

    private readonly Lock _lock = new();
    private readonly byte[] _ring = new byte[Capacity];
    private long _written;

    /// <summary>Reads to the end. Output and errors share a tail, in the order in which they arrive.</summary>
    /// <param name="stream">Output or errors.</param>
    /// <param name="log">Gets the lines of the stream.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    public async Task CopyFromAsync(Stream stream, Action<string> log, CancellationToken cancellationToken)
    {
        var buffer = new byte[64 * 1024];
        var lines = new LineSplitter(log);
        try
        {
            while (true)
            {
                var read = await stream.ReadAsync(buffer, cancellationToken);
                if (read == 0) return;
                Append(buffer.AsSpan(0, read));
                lines.Append(buffer.AsSpan(0, read));
            }
        }
        finally
        {
            lines.End();
        }
    }

    /// <summary>
    /// The tail as text; invalid bytes are replaced, and a first line that is not whole is left out when bytes were dropped.
    /// </summary>
    public override string ToString()
    {
        lock (_lock)
        {
            if (_written <= Capacity) return Encoding.UTF8.GetString(_ring, 0, (int)_written);
            var start = (int)(_written % Capacity);
            byte[] bytes = [.. _ring.AsSpan(start), .. _ring.AsSpan(0, start)];
            var line = Array.IndexOf(bytes, (byte)'\n', 0, Capacity / 4);
            return $"… {_written - Capacity} bytes before this are left out\n" + Encoding.UTF8.GetString(bytes.AsSpan(line + 1));
        }
    }

    private void Append(ReadOnlySpan<byte> bytes)
    {
        lock (_lock)
        {
            _written += Math.Max(0, bytes.Length - Capacity);
            if (bytes.Length > Capacity) bytes = bytes[^Capacity..];
            var start = (int)(_written % Capacity);
            var first = Math.Min(bytes.Length, Capacity - start);
            bytes[..first].CopyTo(_ring.AsSpan(start));
            bytes[first..].CopyTo(_ring);
            _written += bytes.Length;
        }
    }
}
