using System.Text;
using QuantaPilot.Integrations.RunLogs;

namespace QuantaPilot.Integrations.Tests.RunLogs;

public sealed class LineSplitterTests
{
    private readonly List<string> _lines = [];

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(1000)]
    public void Append_InPiecesOfAnySize_GivesTheSameLines(int size)
    {
        Split(Encoding.UTF8.GetBytes("one\n\ngrün 🌱\r\nno end"), size);

        Assert.Equal(["one", "", "grün 🌱\r", "no end"], _lines);
    }

    [Fact]
    public void Append_InvalidUtf8_IsReplaced()
    {
        Split([(byte)'a', 0xff, (byte)'b', (byte)'\n', 0xe2], 1);

        Assert.Equal("a\ufffdb", _lines[0]);
    }

    [Fact]
    public void Append_AnEndlessLine_HoldsOnlyItsBeginning()
    {
        Split(Encoding.UTF8.GetBytes(new string('x', 1_000_000) + "\nshort\n"), 64 * 1024);

        Assert.Equal([LogLine.MaxRead, 5], _lines.Select(line => line.Length));
    }

    private void Split(byte[] bytes, int size)
    {
        var splitter = new LineSplitter(_lines.Add);
        foreach (var piece in bytes.Chunk(size)) splitter.Append(piece);
        splitter.End();
    }
}
