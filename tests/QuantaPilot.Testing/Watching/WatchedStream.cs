using System.Text;

namespace QuantaPilot.Testing.Watching;

/// <summary>Passes on what is written or read, and shows it as text: at each flush, at the end, and when much has come.</summary>
/// <param name="inner">Where it goes, or comes from. It is not disposed of.</param>
/// <param name="show">Is given the text. What was split by a flush comes again in one piece.</param>
internal sealed class WatchedStream(Stream inner, Action<string> show) : Stream
{
    private const int MaxKept = 64 * 1024;

    /// <summary>No secret that is looked for is longer.</summary>
    private const int MaxSplit = 1024;

    private readonly MemoryStream _kept = new();
    private bool _hasNews;

    public override bool CanRead => inner.CanRead;

    public override bool CanSeek => false;

    public override bool CanWrite => inner.CanWrite;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <summary>Shows what has come since the last time.</summary>
    public void Show()
    {
        if (!_hasNews) return;
        _hasNews = false;
        var bytes = _kept.GetBuffer().AsSpan(0, (int)_kept.Length);
        show(Encoding.UTF8.GetString(bytes));
        var left = bytes[^Math.Min(MaxSplit, bytes.Length)..].ToArray();
        _kept.SetLength(0);
        _kept.Write(left);
    }

    public override void Flush()
    {
        Show();
        inner.Flush();
    }

    public override Task FlushAsync(CancellationToken cancellationToken)
    {
        Show();
        return inner.FlushAsync(cancellationToken);
    }

    public override void Write(byte[] buffer, int offset, int count)
    {
        Keep(buffer.AsSpan(offset, count));
        inner.Write(buffer, offset, count);
    }

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        Keep(buffer.Span);
        return inner.WriteAsync(buffer, cancellationToken);
    }

    public override int Read(byte[] buffer, int offset, int count)
    {
        var read = inner.Read(buffer, offset, count);
        Keep(buffer.AsSpan(offset, read));
        return read;
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var read = await inner.ReadAsync(buffer, cancellationToken);
        Keep(buffer.Span[..read]);
        return read;
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    private void Keep(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length == 0) return;
        _kept.Write(bytes);
        _hasNews = true;
        if (_kept.Length >= MaxKept) Show();
    }
}
