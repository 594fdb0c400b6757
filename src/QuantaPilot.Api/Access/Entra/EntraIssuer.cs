using Microsoft.Extensions.Logging;
using Microsoft.IdentityModel.Protocols;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;

namespace QuantaPilot.Api.Access.Entra;

/// <summary>
/// What the issuer publishes about itself: its name, and the keys that it signs with at present. Fetched when first needed, again
/// every hour beside the requests, and when a token names a key that is not among them. The library's own ConfigurationManager
/// goes by the machine's clock, which tests can't move, and has the request that met a new key fail while it fetches it.
/// </summary>
internal sealed class EntraIssuer : IDisposable
{
    /// <summary>A key that the issuer has withdrawn is accepted no longer than this, while the issuer can be asked.</summary>
    private static readonly TimeSpan _fresh = TimeSpan.FromHours(1);

    /// <summary>While the issuer can't be asked, what it published counts for a day.</summary>
    private static readonly TimeSpan _kept = TimeSpan.FromHours(24);

    /// <summary>Between two questions: whoever makes up key ids must not have this host bother the issuer without end.</summary>
    private static readonly TimeSpan _pause = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan _timeout = TimeSpan.FromSeconds(5);

    /// <summary>Entra's documents have some 15 KB.</summary>
    private const int MaxDocumentLength = 1024 * 1024;

    private readonly Lock _gate = new();
    private readonly HttpClient _http = new() { Timeout = _timeout, MaxResponseContentBufferSize = MaxDocumentLength };
    private readonly HttpDocumentRetriever _documents;
    private readonly string _address;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private Published? _published;
    private Task _asking = Task.CompletedTask;
    private DateTimeOffset? _askedAt;
    private volatile bool _isAway;

    public EntraIssuer(EntraOptions options, TimeProvider time, ILogger<EntraIssuer> logger)
    {
        _documents = new HttpDocumentRetriever(_http) { RequireHttps = options.RequiresHttps };
        _address = options.MetadataAddress;
        _time = time;
        _logger = logger;
    }

    /// <summary>What it published last.</summary>
    /// <returns>Null if nothing is known and it can't be asked.</returns>
    public async ValueTask<OpenIdConnectConfiguration?> FindAsync(CancellationToken cancellationToken)
    {
        if (Present() is { } known)
        {
            if (_time.GetUtcNow() - known.At >= _fresh) _ = AskAsync();
            return known.Configuration;
        }
        await AskAsync().WaitAsync(cancellationToken);
        return Present()?.Configuration;
    }

    /// <summary>The same for a token whose key is not among those that were published: asks anew, unless that was just done.</summary>
    /// <returns>Null if it can't be asked, so that nobody knows whether the key is one of its own.</returns>
    public async ValueTask<OpenIdConnectConfiguration?> FindAnewAsync(CancellationToken cancellationToken)
    {
        await AskAsync().WaitAsync(cancellationToken);
        return _isAway ? null : Present()?.Configuration;
    }

    /// <summary>Completes when the question that is under way, if one is, has been answered or has failed. Never fails itself.</summary>
    internal Task AskAsync()
    {
        lock (_gate)
        {
            var now = _time.GetUtcNow();
            if (!_asking.IsCompleted || now - _askedAt < _pause) return _asking;
            _askedAt = now;
            return _asking = Task.Run(FetchAsync);
        }
    }

    public void Dispose() => _http.Dispose();

    private Published? Present() => Volatile.Read(ref _published) is { } known && _time.GetUtcNow() - known.At < _kept ? known : null;

    private async Task FetchAsync()
    {
        try
        {
            var configuration = await OpenIdConnectConfigurationRetriever.GetAsync(_address, _documents, CancellationToken.None);
            if (string.IsNullOrEmpty(configuration.Issuer) || configuration.SigningKeys.Count == 0)
                throw new InvalidDataException("The metadata names no issuer, or the issuer has no keys.");
            Volatile.Write(ref _published, new Published(configuration, _time.GetUtcNow()));
            _isAway = false;
        }
#pragma warning disable CA1031 // Whatever ails the issuer: the log has it, and tokens are judged by what is known or not at all.
        catch (Exception e)
#pragma warning restore CA1031
        {
            _isAway = true;
            Logs.IssuerNotAsked(_logger, e);
        }
    }

    private sealed record Published(OpenIdConnectConfiguration Configuration, DateTimeOffset At);
}
