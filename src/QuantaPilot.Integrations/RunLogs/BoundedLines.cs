using System.Text;

namespace QuantaPilot.Integrations.RunLogs;

/// <summary>The last lines of many: the oldest go where there are more bytes than it may hold.</summary>
internal sealed class BoundedLines(int capacity)
{
    private readonly Queue<string> _lines = [];

    public IReadOnlyCollection<string> Lines => _lines;

    public int Count => _lines.Count;

    /// <summary>UTF-8 bytes of the lines, with their line feeds.</summary>
    public long Bytes { get; private set; }

    /// <summary>Bytes of the lines that had to go.</summary>
    public long Cut { get; private set; }

    public void Add(string line)
    {
        _lines.Enqueue(line);
        Bytes += SizeOf(line);
        while (Bytes > capacity && _lines.TryDequeue(out var oldest))
        {
            Bytes -= SizeOf(oldest);
            Cut += SizeOf(oldest);
        }
    }

    /// <summary>Adds all that the other holds, and what had to go there.</summary>
    public void Add(BoundedLines later)
    {
        // Nothing that is older than what had to go there is among the last lines.
        if (later.Cut > 0)
        {
            Cut += Bytes + later.Cut;
            Bytes = 0;
            _lines.Clear();
        }
        foreach (var line in later.Lines) Add(line);
    }

    public void Clear()
    {
        _lines.Clear();
        (Bytes, Cut) = (0, 0);
    }

    public static int SizeOf(string line) => Encoding.UTF8.GetByteCount(line) + 1;
}
