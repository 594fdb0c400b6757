using System.IO.Pipelines;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Time.Testing;
using QuantaPilot.Api.Events;
using QuantaPilot.Core.Contracts;
using QuantaPilot.Core.Ports;

namespace QuantaPilot.Api.Tests.Streams;

public sealed class EventStreamWriterTests
{
    private const int ServerBuffer = 64 * 1024;
    private const int Events = 10_000;

    [Fact]
    public async Task WriteAsync_ReaderThatTakesNothing_HoldsNoMoreThanTheServersBufferAndOnePortion()
    {
        var pipe = new Pipe(new PipeOptions(pauseWriterThreshold: ServerBuffer, useSynchronizationContext: false));
        var context = new DefaultHttpContext();
        context.Features.Set<IHttpResponseBodyFeature>(new StreamResponseBodyFeature(pipe.Writer.AsStream()));
        var writer = new EventStreamWriter(context, TimeProvider.System);
        var e = Event();
        var taken = 0;

        var writing = writer.WriteAsync(Enumerable.Range(1, Events).Select(i =>
        {
            taken++;
            return ($"{i}", e);
        }), default);

        Assert.False(writing.IsCompleted);
        Assert.InRange(taken * e.Json.Length, ServerBuffer / 2, ServerBuffer + 2 * 16 * 1024);
        var read = await ReadAsync(pipe, writing);
        var ids = read.Split('\n').Where(line => line.StartsWith("id: ", StringComparison.Ordinal));
        Assert.Equal(Enumerable.Range(1, Events).Select(i => $"id: {i}"), ids);
    }

    [Fact]
    public async Task WriteAsync_ReaderThatTakesNothingFor30Seconds_GivesUp()
    {
        var time = new FakeTimeProvider();
        var pipe = new Pipe(new PipeOptions(pauseWriterThreshold: ServerBuffer, useSynchronizationContext: false));
        var context = new DefaultHttpContext();
        context.Features.Set<IHttpResponseBodyFeature>(new StreamResponseBodyFeature(pipe.Writer.AsStream()));
        var writer = new EventStreamWriter(context, time);

        var writing = writer.WriteAsync(Enumerable.Repeat(("1", Event()), Events), default);
        time.Advance(TimeSpan.FromSeconds(29));
        Assert.False(writing.IsCompleted);
        time.Advance(TimeSpan.FromSeconds(1));

        await Assert.ThrowsAsync<StalledReaderException>(() => writing);
    }

    [Fact]
    public void TypeOf_AnEvent_IsItsType()
    {
        Assert.Equal("quantapilot.run_started", Encoding.UTF8.GetString(EventType.Of(Event().Json.Span)));
        Assert.Equal("x", Encoding.UTF8.GetString(EventType.Of("""{"data":{"type":"y","a":[1,{}]},"type":"x"}"""u8)));
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"data":{"type":"y"}}""")]
    public void TypeOf_NoType_Throws(string json) =>
        Assert.Throws<InvalidOperationException>(() => EventType.Of(Encoding.UTF8.GetBytes(json)).Length);

    private static LoggedEvent Event()
    {
        var run = Scenario.Run();
        var json = JsonSerializer.SerializeToUtf8Bytes(CloudEvent.From(run, Scenario.Started())!, CoreJson.Default.CloudEvent);
        return new LoggedEvent(1, run.RunId, 1, run.Project, json);
    }

    private static async Task<string> ReadAsync(Pipe pipe, Task writing)
    {
        using var all = new MemoryStream();
        var copying = pipe.Reader.CopyToAsync(all);
        await writing;
        await pipe.Writer.CompleteAsync();
        await copying;
        return Encoding.UTF8.GetString(all.ToArray());
    }
}
