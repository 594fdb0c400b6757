using System.Net;
using Octokit;
using Octokit.Internal;

namespace QuantaPilot.Integrations.GitHub;

/// <summary>
/// The HTTP side of GitHub's API. Octokit neither waits nor repeats by itself, and nothing here does: what is to be repeated later is
/// for the orchestration to decide.
/// </summary>
internal sealed class GitHubTransport : IDisposable
{
    /// <summary>What GitHub's description of its API says that answers are.</summary>
    public const string Json = "application/json";

    /// <summary>The version of the API that this was written for; GitHub keeps each for at least two years.</summary>
    private const string ApiVersion = "2022-11-28";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(100);
    private static readonly ProductHeaderValue Product = new("QuantaPilot", "1.0");

    private readonly HttpClientAdapter _http = new(() => new AnswerLimit(new SocketsHttpHandler
    {
        AllowAutoRedirect = false,
        AutomaticDecompression = DecompressionMethods.All,
        PooledConnectionLifetime = TimeSpan.FromMinutes(5),
        UseCookies = false,
    }));

    public GitHubTransport() => _http.SetRequestTimeout(Patience);

    /// <summary>A client for the time of one step.</summary>
    /// <param name="host">Where.</param>
    /// <param name="token">A token, or an App's JWT.</param>
    /// <param name="cancellationToken">Ends each of its requests.</param>
    public GitHubClient Connect(GitHubHost host, string token, CancellationToken cancellationToken) => new(new Connection(
        Product,
        host.Api,
        new InMemoryCredentialStore(new Credentials(token, AuthenticationType.Bearer)),
        new StepHttpClient(_http, cancellationToken),
        new SimpleJsonSerializer()));

    public void Dispose() => _http.Dispose();

    /// <summary>Most of Octokit's methods take no cancellation token.</summary>
    private sealed class StepHttpClient(IHttpClient inner, CancellationToken step) : IHttpClient
    {
        public async Task<IResponse> Send(
            IRequest request, CancellationToken cancellationToken, Func<object, object>? preprocessResponseBody = null)
        {
            request.Headers["Accept"] = Json;
            request.Headers["X-GitHub-Api-Version"] = ApiVersion;
            // Octokit calls its JSON a form, which GitHub takes, though its description does not allow it.
            if (request is Request { Body: string } sends) sends.ContentType = Json;
            using var both = CancellationTokenSource.CreateLinkedTokenSource(step, cancellationToken);
            return await inner.Send(request, both.Token, preprocessResponseBody);
        }

        public void SetRequestTimeout(TimeSpan timeout) => throw new NotSupportedException("The time-out is that of the transport.");

        public void Dispose()
        {
            // The transport outlives the step.
        }
    }

    /// <summary>Refuses answers that are larger than any page of GitHub's.</summary>
    private sealed class AnswerLimit(HttpMessageHandler inner) : DelegatingHandler(inner)
    {
        private const int MaxBytes = 32 * 1024 * 1024;

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var response = await base.SendAsync(request, cancellationToken);
            await response.Content.LoadIntoBufferAsync(MaxBytes, cancellationToken);
            return response;
        }
    }
}
