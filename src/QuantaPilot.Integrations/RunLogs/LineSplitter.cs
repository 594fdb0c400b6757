using System.Text;

namespace QuantaPilot.Integrations.RunLogs;

/// <summary>Bytes as they come to whole lines. Invalid UTF-8 is replaced; of an endless line the beginning is passed on.</summary>
internal sealed class LineSplitter(Action<string> line)
{
    private readonly Decoder _decoder = Encoding.UTF8.GetDecoder();
    private readonly StringBuilder _rest = new();
    private char[] _chars = [];

    public void Append(ReadOnlySpan<byte> bytes)
    {
        var most = Encoding.UTF8.GetMaxCharCount(bytes.Length);
        if (_chars.Length < most) _chars = new char[most];
        ReadOnlySpan<char> text = _chars.AsSpan(0, _decoder.GetChars(bytes, _chars, flush: false));
        while (text.IndexOf('\n') is >= 0 and var end)
        {
            Add(text[..end]);
            Pass();
            text = text[(end + 1)..];
        }
        Add(text);
    }

    /// <summary>Passes on a last line without a line feed.</summary>
    public void End()
    {
        if (_rest.Length > 0) Pass();
    }

    private void Add(ReadOnlySpan<char> text)
    {
        var room = LogLine.MaxRead - _rest.Length;
        _rest.Append(text[..Math.Min(room, text.Length)]);
    }

    private void Pass()
    {
        line(_rest.ToString());
        _rest.Clear();
    }
}
