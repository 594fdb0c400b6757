using System.Text;
using QuantaPilot.Api.Http;
using QuantaPilot.Core.Contracts;
using QuantaPilot.Core.Ports;

namespace QuantaPilot.Api.Events;

/// <summary>Which events a reader wants: all, or those of some names, or of one project, or both.</summary>
internal sealed class EventFilter
{
    /// <summary>Names of events, separated by commas.</summary>
    public const string Events = "events";

    /// <summary>A repository's URL, in any spelling.</summary>
    public const string Project = "project";

    private readonly IReadOnlyList<byte[]>? _types;
    private readonly string? _project;

    private EventFilter(IReadOnlyList<byte[]>? types, string? project)
    {
        _types = types;
        _project = project;
    }

    /// <summary>Reads the parameters of the query; what is wrong with them is noted there.</summary>
    public static EventFilter Read(QueryReader query) => new(ReadTypes(query), query.Project(Project));

    public bool Takes(LoggedEvent e) => (_project is null || e.Project == _project) && (_types is null || IsOfType(e.Json.Span));

    private bool IsOfType(ReadOnlySpan<byte> json)
    {
        var type = EventType.Of(json);
        foreach (var wanted in _types!)
        {
            if (type.SequenceEqual(wanted)) return true;
        }
        return false;
    }

    private static List<byte[]>? ReadTypes(QueryReader query)
    {
        if (query.Text(Events) is not { } text) return null;
        var names = text.Split(',');
        if (names.All(EventData.Names.Contains)) return [.. names.Select(name => Encoding.ASCII.GetBytes(CloudEvent.TypePrefix + name))];
        query.Refuse(Events, $"must be one or more of {string.Join(", ", EventData.Names)}, separated by commas");
        return null;
    }
}
