using System.Net;

namespace QuantaPilot.Core.Subscriptions;

/// <summary>
/// Where webhooks may go: to public addresses over https, and wherever else to hosts that the settings allow by name. What a
/// name stands for is checked when a connection is opened, since it may change.
/// </summary>
public sealed class WebhookTargets
{
    private const int MaxUrlLength = 2048;

    private readonly HashSet<string> _allowedHosts = new(StringComparer.OrdinalIgnoreCase);

    /// <param name="allowedHosts">Host names or addresses, without port.</param>
    /// <exception cref="FormatException">One of them is neither.</exception>
    public WebhookTargets(IEnumerable<string> allowedHosts)
    {
        foreach (var host in allowedHosts)
        {
            var name = host.Trim('[', ']');
            if (Uri.CheckHostName(name) is UriHostNameType.Unknown or UriHostNameType.Basic)
                throw new FormatException($"'{host}' is no host: give a host name or an address, without port.");
            // As a URL has it: an address can be written in several ways.
            _allowedHosts.Add(IPAddress.TryParse(name, out var address) ? address.ToString() : name);
        }
    }

    /// <summary>True if the settings allow the host, whatever its addresses.</summary>
    /// <param name="host">As in a URL; an IPv6 address with or without its brackets.</param>
    public bool IsAllowedByName(string host) => _allowedHosts.Contains(host.Trim('[', ']'));

    /// <summary>Null if events may be sent to the URL, as far as it itself can tell; else what is wrong with it.</summary>
    public string? FindFault(string? url)
    {
        if (url is null) return "is required: the https:// URL that events are posted to";
        if (url.Length > MaxUrlLength) return $"must have at most {MaxUrlLength} characters";
        if (!Uri.TryCreate(url, UriKind.Absolute, out var uri) || uri.Scheme is not ("https" or "http") || uri.Host.Length == 0)
            return "must be an absolute https:// URL";
        if (url.Any(c => char.IsControl(c) || char.IsWhiteSpace(c))) return "must not contain spaces or control characters";
        if (uri.UserInfo.Length > 0) return "must not contain credentials";
        if (uri.Fragment.Length > 0) return "must not have a fragment";
        if (IsAllowedByName(uri.IdnHost)) return null;
        if (uri.Scheme != "https") return "must begin with https:// (http:// is taken for hosts that the server's settings allow by name)";
        var isPublic = IPAddress.TryParse(uri.IdnHost, out var address) ? PublicAddress.IsPublic(address) : !uri.IsLoopback;
        return isPublic ? null : "must be at a public address (the server's settings can allow other hosts by name)";
    }
}
