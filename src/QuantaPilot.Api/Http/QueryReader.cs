using System.Globalization;
using Microsoft.AspNetCore.Http;
using QuantaPilot.Core.Runs;

namespace QuantaPilot.Api.Http;

/// <summary>Reads query parameters; those that are unknown, repeated or ill-formed are refused by name.</summary>
internal sealed class QueryReader
{
    public const int MaxLimit = 200;
    private const int DefaultLimit = 50;
    private readonly IQueryCollection _query;
    private readonly Dictionary<string, string> _errors = new(StringComparer.Ordinal);

    public QueryReader(HttpContext context, params ReadOnlySpan<string> known)
    {
        _query = context.Request.Query;
        foreach (var (name, values) in _query)
        {
            if (!known.Contains(name)) _errors[Printable(name)] = $"is no query parameter here: accepted are {string.Join(", ", known!)}";
            else if (values.Count > 1) _errors[name] = "is given more than once";
        }
    }

    /// <summary>The problem with the parameters read so far, or null.</summary>
    public ProblemResult? Problem => _errors.Count == 0 ? null : ProblemResult.Invalid(_errors);

    /// <summary>The value of a parameter, or null if it is absent.</summary>
    public string? Text(string name) => _query.TryGetValue(name, out var values) ? values[0] : null;

    public int Limit() => (int)Number("limit", 1, MaxLimit, DefaultLimit);

    public long Number(string name, long min, long max, long absent)
    {
        if (Text(name) is not { } text) return absent;
        if (long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= min && number <= max)
        {
            return number;
        }
        Refuse(name, max == long.MaxValue ? $"must be an integer of at least {min}" : $"must be an integer from {min} to {max}");
        return absent;
    }

    /// <summary>The canonical name of the repository that a parameter names, or null if it is absent.</summary>
    public string? Project(string name)
    {
        if (Text(name) is not { } text) return null;
        if (RepositoryUrl.TryParse(text, out var url, out var fault)) return url.Project;
        Refuse(name, "is not accepted: " + fault.TrimEnd('.'));
        return null;
    }

    public void Refuse(string name, string fault) => _errors[name] = fault;

    private static string Printable(string name)
    {
        const int Enough = 64;
        return string.Concat(Redactor.Redact(name).Take(Enough).Select(c => char.IsControl(c) || char.IsSurrogate(c) ? '?' : c));
    }
}
