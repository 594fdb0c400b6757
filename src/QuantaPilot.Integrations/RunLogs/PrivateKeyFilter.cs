using QuantaPilot.Core.Runs;

namespace QuantaPilot.Integrations.RunLogs;

/// <summary>Takes private keys out that are written line by line, and so may be cut in two before they are redacted.</summary>
internal sealed class PrivateKeyFilter
{
    /// <summary>A key of 16,384 bits has about 200 lines; what goes on for longer is none.</summary>
    private const int MostLines = 300;

    private int _left;

    /// <returns>The line, or null if it belongs to a key that began above it.</returns>
    public string? Pass(string line)
    {
        if (_left > 0)
        {
            _left = line.Contains("-----END ", StringComparison.Ordinal) ? 0 : _left - 1;
            return null;
        }
        var begin = line.IndexOf("-----BEGIN ", StringComparison.Ordinal);
        if (begin < 0 || !line.AsSpan(begin).Contains("PRIVATE KEY", StringComparison.Ordinal)) return line;
        if (line.AsSpan(begin).Contains("-----END ", StringComparison.Ordinal)) return line;
        _left = MostLines;
        return line[..begin] + Redactor.Replacement;
    }
}
