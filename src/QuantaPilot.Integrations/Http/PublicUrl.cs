namespace QuantaPilot.Integrations.Http;

/// <summary>Where others reach this host: the beginning of the URLs that agents answer at.</summary>
public sealed class PublicUrl
{
    private readonly TaskCompletionSource<Uri> _url = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Says it, once; later ones are passed over.</summary>
    /// <exception cref="FormatException">It is no http(s) URL, or has more than a path.</exception>
    public void Set(string url) => _url.TrySetResult(Parse(url));

    /// <summary>The URL, ending with a slash; waits for it while the host starts.</summary>
    public Task<Uri> GetAsync(CancellationToken cancellationToken) => _url.Task.WaitAsync(cancellationToken);

    /// <exception cref="FormatException">It is no http(s) URL, or has more than a path.</exception>
    public static Uri Parse(string url) =>
        Uri.TryCreate(url.EndsWith('/') ? url : url + "/", UriKind.Absolute, out var uri)
        && uri.Scheme is "https" or "http" && uri.UserInfo.Length == 0 && uri.Query.Length == 0 && uri.Fragment.Length == 0
            ? uri
            : throw new FormatException(
                $"'{url}' is no public URL: give https://host, with a path if a proxy adds one, as agents elsewhere reach this host.");
}
