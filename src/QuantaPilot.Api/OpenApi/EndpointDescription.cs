namespace QuantaPilot.Api.OpenApi;

/// <summary>
/// What openapi.json says of an endpoint beyond its line in the table of endpoints. Schemas go by their names in api.schema.json.
/// </summary>
/// <param name="Tag">One of <see cref="EndpointDescriptions.Tags"/>.</param>
/// <param name="Summary">What it does, in a few words.</param>
internal sealed record EndpointDescription(string Tag, string Summary)
{
    /// <summary>What a caller needs to know beyond the summary, Markdown.</summary>
    public string Details { get; init; } = "";

    /// <summary>Query parameters and headers. Those of the path follow from its pattern.</summary>
    public IReadOnlyList<RequestParameter> Parameters { get; init; } = [];

    /// <summary>The schema of the body; null if none is read.</summary>
    public string? Body { get; init; }

    public bool BodyIsOptional { get; init; }

    /// <summary>The status of its success. Default: 200.</summary>
    public int Status { get; init; } = 200;

    /// <summary>Another status of its success, with the same answer; null for none.</summary>
    public int? OtherStatus { get; init; }

    /// <summary>The schema of the JSON that it answers with; null if it answers with none.</summary>
    public string? Answer { get; init; }

    /// <summary>True if it can answer with a stream of events.</summary>
    public bool Streams { get; init; }

    /// <summary>What it can answer with instead of JSON, if asked for: media type and schema.</summary>
    public (string MediaType, string Schema)? OtherAnswer { get; init; }

    /// <summary>What its success has in its header, besides what all have: keys of <see cref="ResponseHeaders.All"/>.</summary>
    public IReadOnlyList<string> Headers { get; init; } = [];

    /// <summary>The error codes of its problems besides those that come with a token, an id in the path or a body.</summary>
    public IReadOnlyList<string> Problems { get; init; } = [];
}

/// <param name="In"><c>query</c> or <c>header</c>.</param>
/// <param name="Name">As the caller writes it.</param>
/// <param name="Schema">The name of its schema.</param>
/// <param name="Description">What it does here; null where its schema says it all.</param>
internal sealed record RequestParameter(string In, string Name, string Schema, string? Description = null)
{
    public static RequestParameter Query(string name, string schema, string? description = null) =>
        new("query", name, schema, description);

    public static RequestParameter Header(string name, string schema, string? description = null) =>
        new("header", name, schema, description);
}
