using System.Text.RegularExpressions;
using QuantaPilot.Api.Access;
using QuantaPilot.Api.Http;
using QuantaPilot.Core.Contracts;
using QuantaPilot.Core.Ports;
using QuantaPilot.Core.Runs;

namespace QuantaPilot.Api.Tokens;

/// <param name="Name">Whom it stands for.</param>
/// <param name="Roles">What it may do.</param>
/// <param name="Projects">Globs over canonical repository names.</param>
/// <param name="ExpiresAt">From when on it is refused; null for never.</param>
internal sealed record ValidTokenRequest(
    string Name, IReadOnlyList<TokenRole> Roles, IReadOnlyList<string> Projects, DateTimeOffset? ExpiresAt);

internal static partial class TokenRequestValidator
{
    public const int MaxNameLength = 64;
    public const int MaxProjects = 32;
    public const int MaxProjectLength = 512;

    /// <summary>Hosts name their own tokens so, and revoke them by name.</summary>
    private static readonly string[] _reservedNames = ["admin", BootstrapToken.Name];

    private static readonly Dictionary<string, TokenRole> _roles =
        Enum.GetValues<TokenRole>().ToDictionary(role => role.ToString().ToLowerInvariant());

    private static readonly string _roleNames = string.Join(", ", _roles.Keys);

    /// <summary>The request, or each field at fault and what is accepted.</summary>
    /// <param name="request">As it came.</param>
    /// <param name="caller">Who asks: nobody gives a token that reaches further than their own.</param>
    /// <param name="now">What an expiry must be after.</param>
    public static (ValidTokenRequest? Request, IReadOnlyDictionary<string, string> Errors) Validate(
        TokenRequest request, Caller caller, DateTimeOffset now)
    {
        var errors = new Dictionary<string, string>(StringComparer.Ordinal);
        if (FindNameFault(request.Name) is { } fault) errors["name"] = fault;
        var roles = ReadRoles(request.Roles, errors);
        var projects = request.Projects is null ? caller.Projects : ReadProjects(request.Projects, caller, errors);
        var expiresAt = request.ExpiresAt is { } text ? ReadExpiry(text, now, errors) : null;
        return errors.Count > 0 ? (null, errors) : (new ValidTokenRequest(request.Name!, roles, projects, expiresAt), errors);
    }

    private static string? FindNameFault(string? name)
    {
        if (name is null) return "is required: the person or system that the token is for";
        if (name.Length > MaxNameLength || !NamePattern().IsMatch(name))
            return $"must have 1 to {MaxNameLength} letters, digits, spaces and . _ - @ + and begin and end with a letter or digit";
        if (Redactor.HoldsSecret(name)) return "holds what looks like a secret: names are shown with votes and runs";
        var isReserved = _reservedNames.Contains(name, StringComparer.OrdinalIgnoreCase);
        return isReserved ? "is reserved for a token that the host makes itself" : null;
    }

    private static List<TokenRole> ReadRoles(IReadOnlyList<string?>? given, Dictionary<string, string> errors)
    {
        var roles = new List<TokenRole>();
        if (given is not { Count: > 0 }) errors["roles"] = $"is required: one or more of {_roleNames}";
        for (var i = 0; i < (given?.Count ?? 0); i++)
        {
            if (!_roles.TryGetValue(given![i] ?? "", out var role)) errors[$"roles[{i}]"] = $"must be one of {_roleNames}";
            else if (roles.Contains(role)) errors[$"roles[{i}]"] = "is given more than once";
            else roles.Add(role);
        }
        return roles;
    }

    /// <summary>Globs that reach no further than the caller's own.</summary>
    internal static List<string> ReadProjects(
        IReadOnlyList<string?> given, Caller caller, Dictionary<string, string> errors, string member = "projects")
    {
        var projects = new List<string>();
        if (given.Count is 0 or > MaxProjects) errors[member] = $"must be an array of 1 to {MaxProjects} globs, or be left out";
        for (var i = 0; i < Math.Min(given.Count, MaxProjects); i++)
        {
            if (FindProjectFault(given[i], caller) is { } fault) errors[$"{member}[{i}]"] = fault;
            else projects.Add(given[i]!);
        }
        return projects;
    }

    private static string? FindProjectFault(string? glob, Caller caller)
    {
        const string Accepted = "must be a glob that begins with https://, http://, file:// or *";
        if (glob is not { Length: > 0 and <= MaxProjectLength }) return $"{Accepted}, of at most {MaxProjectLength} characters";
        if (glob.Any(c => char.IsControl(c) || char.IsWhiteSpace(c))) return "must not contain spaces or control characters";
        try
        {
            return caller.Covers([glob]) ? null : "is not covered by the projects of the token that asks for it";
        }
        catch (FormatException)
        {
            return Accepted;
        }
    }

    private static DateTimeOffset? ReadExpiry(string text, DateTimeOffset now, Dictionary<string, string> errors)
    {
        if (!Rfc3339.TryParse(text, out var time))
        {
            errors["expires_at"] = "must be an RFC 3339 time with its offset, e.g. 2027-01-31T00:00:00Z";
            return null;
        }
        if (time <= now) errors["expires_at"] = "must be in the future";
        return time;
    }

    [GeneratedRegex(@"\A[\p{L}\p{Nd}](?:[\p{L}\p{Nd} ._@+-]*[\p{L}\p{Nd}])?\z")]
    private static partial Regex NamePattern();
}
