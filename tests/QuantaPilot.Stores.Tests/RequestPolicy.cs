using Azure.Core;
using Azure.Core.Pipeline;

namespace QuantaPilot.Stores.Tests;

/// <summary>Counts the requests of an instance, and kills the instance at one of them: that one and all later ones fail.</summary>
/// <param name="dieAt">The request, from 1; 0 for none.</param>
/// <param name="afterSending">True if the request still takes effect, and only its answer is lost.</param>
/// <param name="loseAnswerAt">The request that takes effect and whose answer is lost, so that the client sends it again; 0 for
/// none.</param>
internal sealed class RequestPolicy(int dieAt = 0, bool afterSending = false, int loseAnswerAt = 0) : HttpPipelinePolicy
{
    private int _count;

    public int Count => Volatile.Read(ref _count);

    public T For<T>(T options)
        where T : ClientOptions
    {
        options.AddPolicy(this, HttpPipelinePosition.PerRetry);
        return options;
    }

    public override async ValueTask ProcessAsync(HttpMessage message, ReadOnlyMemory<HttpPipelinePolicy> pipeline)
    {
        var number = Interlocked.Increment(ref _count);
        var dies = dieAt > 0 && number >= dieAt;
        if (dies && !(afterSending && number == dieAt)) throw new InstanceDiedException();
        await ProcessNextAsync(message, pipeline);
        if (dies) throw new InstanceDiedException();
        if (number == loseAnswerAt) throw new IOException("The connection was lost.");
    }

    public override void Process(HttpMessage message, ReadOnlyMemory<HttpPipelinePolicy> pipeline) =>
        throw new NotSupportedException("The stores are asynchronous throughout.");
}

internal sealed class InstanceDiedException() : Exception("The instance died here.");
