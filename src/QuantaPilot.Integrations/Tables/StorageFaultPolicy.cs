using System.Net.Sockets;
using Azure;
using Azure.Core;
using Azure.Core.Pipeline;
using Azure.Identity;
using QuantaPilot.Core.Ports;

namespace QuantaPilot.Integrations.Tables;

/// <summary>
/// Stands around all retries of a request and gives what is left of faults one type, whichever store asked and whatever the client
/// would have thrown. Answers that the stores know how to take (not found, conflicts) pass.
/// </summary>
internal sealed class StorageFaultPolicy : HttpPipelinePolicy
{
    /// <summary>Puts the policy around the others of a client.</summary>
    public static T AddTo<T>(T options)
        where T : ClientOptions
    {
        options.AddPolicy(new StorageFaultPolicy(), HttpPipelinePosition.PerCall);
        return options;
    }

    public override async ValueTask ProcessAsync(HttpMessage message, ReadOnlyMemory<HttpPipelinePolicy> pipeline)
    {
        try
        {
            await ProcessNextAsync(message, pipeline);
        }
        catch (AuthenticationFailedException e)
        {
            throw new StorageUnavailableException(
                isRefusal: true, $"No credential could be had for Azure Storage at {Place(message)}: {e.GetType().Name}.", e);
        }
        catch (Exception e) when (!message.CancellationToken.IsCancellationRequested && IsAway(e))
        {
            throw new StorageUnavailableException(isRefusal: false, $"Azure Storage can't be reached at {Place(message)}: {Cause(e)}.", e);
        }
        var status = message.Response.Status;
        var code = message.Response.Headers.TryGetValue("x-ms-error-code", out var text) ? $" {text}" : "";
        if (status is 401 or 403)
        {
            throw new StorageUnavailableException(
                isRefusal: true,
                $"Azure Storage at {Place(message)} refuses the credentials or the network of this app: HTTP {status}{code}.");
        }
        if (status is 408 or 429 or >= 500)
        {
            throw new StorageUnavailableException(
                isRefusal: false, $"Azure Storage at {Place(message)} takes no requests: HTTP {status}{code}.");
        }
    }

    public override void Process(HttpMessage message, ReadOnlyMemory<HttpPipelinePolicy> pipeline) =>
        throw new NotSupportedException("The stores are asynchronous throughout.");

    /// <summary>What the transport gives up with: of one attempt, or of all of them together.</summary>
    private static bool IsAway(Exception e) => e switch
    {
        AggregateException all => all.InnerExceptions.All(IsAway),
        RequestFailedException failed => failed.Status == 0,
        // The time limit of an attempt. A caller who gives up was told from it before.
        OperationCanceledException => true,
        _ => e is IOException or HttpRequestException or SocketException,
    };

    /// <summary>A word of the network's, never the message of an exception, which may hold anything.</summary>
    private static string Cause(Exception e) => e switch
    {
        AggregateException all => Cause(all.InnerExceptions[^1]),
        SocketException socket => socket.SocketErrorCode.ToString(),
        OperationCanceledException => "no answer in time",
        HttpRequestException { InnerException: null } http => http.HttpRequestError.ToString(),
        { InnerException: { } inner } => Cause(inner),
        _ => e.GetType().Name,
    };

    /// <summary>Where the request went: without path and query, which may hold keys of rows and signatures.</summary>
    private static string Place(HttpMessage message) => message.Request.Uri.ToUri().GetLeftPart(UriPartial.Authority);
}
