using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using QuantaPilot.Core.Ports;
using QuantaPilot.Core.Runs;

namespace QuantaPilot.Integrations.Git.Remotes;

/// <summary>
/// The HTTP side of one step. libgit2 knows only the session's own URL (<see cref="Url"/>), so that no credential and
/// no configured URL rewriting comes near it, and a transfer in progress can be cancelled: its built-in HTTP client can't.
/// </summary>
internal sealed class HttpSession : IDisposable
{
    public const string Scheme = "quantapilot";
    private const int MaxRedirects = 5;
    private static readonly ConcurrentDictionary<string, HttpSession> Sessions = new(StringComparer.Ordinal);

    private readonly HttpMessageInvoker _client;
    private readonly GitForgeOptions _options;
    private readonly RepositoryPolicy _policy;
    private readonly TimeProvider _timeProvider;
    private readonly CancellationToken _cancellationToken;
    private readonly string _id = Guid.NewGuid().ToString("N");
    private RepositoryUrl _url;

    public HttpSession(
        HttpMessageInvoker client,
        RepositoryUrl url,
        GitForgeOptions options,
        RepositoryPolicy policy,
        TimeProvider timeProvider,
        CancellationToken cancellationToken)
    {
        _client = client;
        RequestedUrl = _url = url;
        _options = options;
        _policy = policy;
        _timeProvider = timeProvider;
        _cancellationToken = cancellationToken;
        Sessions[_id] = this;
    }

    /// <summary>The URL to give to libgit2.</summary>
    public string Url => $"{Scheme}://{_id}/repository";

    public RepositoryUrl RequestedUrl { get; }

    /// <summary>A credential that was made for this session; it is preferred to those of the settings where it covers the URL.</summary>
    public GitCredential? Given { get; init; }

    /// <summary>Called when <see cref="Given"/> is refused; true if another one may be had in its place.</summary>
    public Func<bool> ForgetGiven { get; init; } = () => false;

    /// <summary>What went wrong in the HTTP client; libgit2's own error then only says that something did.</summary>
    public Exception? Fault { get; set; }

    /// <summary>What the remote said beside the answer to the last push (the output of its hooks).</summary>
    public RemoteWords Words { get; } = new();

    /// <summary>How many commits of each branch to fetch; null for all.</summary>
    public int? Depth { get; set; }

    /// <summary>Commits of the last fetch whose parents were left out.</summary>
    public IReadOnlyList<string> Boundary { get; set; } = [];

    public static HttpSession Of(string url) => Sessions[new Uri(url).Host];

    /// <summary>A path for the body of a request, where leftovers are cleaned.</summary>
    public string NewRequestFile() => Path.Combine(_options.TempRoot, Guid.NewGuid().ToString("N") + ".request");

    /// <summary>Takes out the host's secrets, should a remote repeat what was sent to it.</summary>
    public string Redact(string text) =>
        Credentials.Aggregate(text, (redacted, credential) => redacted.Replace(credential.Secret, "***", StringComparison.Ordinal));

    public void Dispose() => Sessions.TryRemove(_id, out _);

    /// <summary>A token that ends with the step, or when the remote stays silent for too long from now on.</summary>
    public CancellationTokenSource StartPatience(out CancellationTokenSource silence)
    {
        silence = new CancellationTokenSource(_options.NetworkTimeout, _timeProvider);
        return CancellationTokenSource.CreateLinkedTokenSource(silence.Token, _cancellationToken);
    }

    /// <summary>Does a piece of network work and turns its faults into those of steps.</summary>
    public T Guard<T>(Func<CancellationToken, Task<T>> work)
    {
        using var patience = StartPatience(out var silence);
        using (silence)
        {
            try
            {
                return work(patience.Token).GetAwaiter().GetResult();
            }
            catch (OperationCanceledException) when (!_cancellationToken.IsCancellationRequested && silence.IsCancellationRequested)
            {
                throw RemoteFaults.Unreachable(_url, $"it sent nothing for {_options.NetworkTimeout.TotalSeconds:0} seconds");
            }
            catch (HttpRequestException e)
            {
                throw RemoteFaults.Unreachable(_url, Describe(e), e);
            }
            catch (IOException e)
            {
                throw RemoteFaults.Unreachable(_url, "the connection was lost", e);
            }
        }
    }

    /// <summary>The list of references; follows redirects as far as the policy allows.</summary>
    public HttpResponseMessage GetReferences(string service)
    {
        for (var redirects = 0; ; redirects++)
        {
            var suffix = $"/info/refs?service={service}";
            var response = Send(HttpMethod.Get, suffix, null, null);
            if (response.StatusCode is HttpStatusCode.OK)
            {
                if (response.Content.Headers.ContentType?.MediaType == $"application/x-{service}-advertisement") return response;
                response.Dispose();
                throw RemoteFaults.NotFound(_url);
            }
            using (response)
            {
                if (response.Headers.Location is not { } location || redirects == MaxRedirects
                    || (int)response.StatusCode is < 300 or >= 400)
                    throw Refusal(response, service);
                _url = Follow(new Uri(new Uri(_url.Value + "/"), location).AbsoluteUri, suffix);
            }
        }
    }

    public HttpResponseMessage Post(string service, Stream body)
    {
        var content = new StreamContent(body);
        content.Headers.ContentType = new MediaTypeHeaderValue($"application/x-{service}-request");
        var response = Send(HttpMethod.Post, "/" + service, content, $"application/x-{service}-result");
        if (response.StatusCode == HttpStatusCode.OK) return response;
        using (response) throw Refusal(response, service);
    }

    private HttpResponseMessage Send(HttpMethod method, string suffix, HttpContent? content, string? accept)
    {
        using var request = new HttpRequestMessage(method, _url.Value + suffix) { Content = content };
        // Servers tell apart by this name whether a client speaks the smart protocol.
        request.Headers.UserAgent.ParseAdd("git/2.0");
        request.Headers.UserAgent.ParseAdd("QuantaPilot/1.0");
        if (accept is not null) request.Headers.Accept.ParseAdd(accept);
        if (Credential is { } credential)
        {
            var basic = Convert.ToBase64String(Encoding.UTF8.GetBytes($"{credential.Username}:{credential.Secret}"));
            request.Headers.Authorization = new AuthenticationHeaderValue("Basic", basic);
        }
        return Guard(token => _client.SendAsync(request, token));
    }

    private GitCredential? Credential => Given?.Covers(_url.Value) == true
        ? Given
        : _options.Credentials.Where(credential => credential.Covers(_url.Value)).MaxBy(credential => credential.UrlPrefix.Length);

    private IEnumerable<GitCredential> Credentials => Given is null ? _options.Credentials : _options.Credentials.Append(Given);

    private RepositoryUrl Follow(string location, string suffix)
    {
        if (!location.EndsWith(suffix, StringComparison.Ordinal)
            || !RepositoryUrl.TryParse(location[..^suffix.Length], out var target, out _))
            throw RemoteFaults.NotFound(_url);
        if (!_policy.Allows(target) || (_url.Scheme == "https" && target.Scheme != "https") || target.IsFile)
        {
            throw new StepException(ErrorCodes.RepositoryNotAllowed,
                $"{RequestedUrl} redirects to {target}, which the settings do not allow.");
        }
        return target;
    }

    private StepException Refusal(HttpResponseMessage response, string service) => response.StatusCode switch
    {
        HttpStatusCode.Unauthorized when Credential is { } refused => new StepException(
            ErrorCodes.AuthenticationFailed,
            $"{_url} did not accept the credentials that the host's settings have for it.",
            transient: refused == Given && ForgetGiven()),
        HttpStatusCode.Unauthorized => new StepException(
            ErrorCodes.AuthenticationFailed, $"{_url} asks for credentials, and the host's settings have none for it."),
        HttpStatusCode.Forbidden when service == "git-receive-pack" =>
            new StepException(ErrorCodes.PushRefused, $"{_url} does not allow these credentials to push (HTTP 403)."),
        HttpStatusCode.Forbidden =>
            new StepException(ErrorCodes.AuthenticationFailed, $"{_url} does not allow these credentials to read (HTTP 403)."),
        HttpStatusCode.NotFound or HttpStatusCode.Gone => RemoteFaults.NotFound(_url),
        HttpStatusCode.RequestEntityTooLarge => new StepException(ErrorCodes.PushRefused, $"{_url} takes no push of this size (HTTP 413)."),
        HttpStatusCode.RequestTimeout or HttpStatusCode.TooManyRequests or >= HttpStatusCode.InternalServerError =>
            RemoteFaults.Unreachable(_url, $"it answers HTTP {(int)response.StatusCode}"),
        _ => RemoteFaults.NotFound(_url, new HttpRequestException($"HTTP {(int)response.StatusCode}")),
    };

    private static string Describe(HttpRequestException e) => e.HttpRequestError switch
    {
        HttpRequestError.NameResolutionError => "its host name is not known",
        HttpRequestError.ConnectionError => "no connection could be made",
        HttpRequestError.SecureConnectionError => "its TLS certificate is not valid here, or it does not speak TLS",
        _ => "the connection failed",
    };
}
