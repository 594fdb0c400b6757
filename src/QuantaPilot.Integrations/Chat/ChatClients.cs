using System.ClientModel;
using System.ClientModel.Primitives;
using System.Collections.Concurrent;
using Microsoft.Extensions.AI;
using OpenAI;

namespace QuantaPilot.Integrations.Chat;

/// <summary>The clients of endpoints, one for each, made when it is first used.</summary>
internal sealed class ChatClients
{
    private readonly ConcurrentDictionary<string, Lazy<IChatClient>> _clients = new(StringComparer.Ordinal);

    public IChatClient Get(ChatEndpoint endpoint) => _clients.GetOrAdd(endpoint.Name, _ => new(() => Create(endpoint))).Value;

    private static IChatClient Create(ChatEndpoint endpoint)
    {
        // Redirects are not followed: what the prompts hold goes where the settings say and nowhere else.
        var http = new HttpClient(new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            ConnectTimeout = TimeSpan.FromSeconds(15),
            PooledConnectionLifetime = TimeSpan.FromMinutes(10),
        })
        {
            Timeout = Timeout.InfiniteTimeSpan,
        };
        var options = new OpenAIClientOptions
        {
            Endpoint = endpoint.Endpoint,
            Transport = new HttpClientPipelineTransport(http),
            // The orchestration repeats, on durable timers, and a request has a time limit of its own.
            RetryPolicy = new ClientRetryPolicy(maxRetries: 0),
            NetworkTimeout = Timeout.InfiniteTimeSpan,
            ClientLoggingOptions = new ClientLoggingOptions { EnableLogging = false },
        };
        if (endpoint.Key is null) options.AddPolicy(new NoCredential(), PipelinePosition.BeforeTransport);
        return new OpenAIClient(new ApiKeyCredential(endpoint.Key ?? "none"), options).GetChatClient(endpoint.Model).AsIChatClient();
    }

    /// <summary>Takes the credential away that the library insists on, for servers that ask for none.</summary>
    private sealed class NoCredential : PipelinePolicy
    {
        public override void Process(PipelineMessage message, IReadOnlyList<PipelinePolicy> pipeline, int currentIndex)
        {
            message.Request.Headers.Remove("Authorization");
            ProcessNext(message, pipeline, currentIndex);
        }

        public override ValueTask ProcessAsync(PipelineMessage message, IReadOnlyList<PipelinePolicy> pipeline, int currentIndex)
        {
            message.Request.Headers.Remove("Authorization");
            return ProcessNextAsync(message, pipeline, currentIndex);
        }
    }
}
