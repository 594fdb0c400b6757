namespace QuantaPilot.Integrations.Http;

/// <summary>An agent elsewhere, as the host's settings have it. quantapilot.yml names it only.</summary>
public sealed record HttpAgentEndpoint
{
    /// <summary>What quantapilot.yml calls it: 1 to 64 letters, digits, <c>-</c> or <c>_</c>.</summary>
    public required string Name { get; init; }

    /// <summary>Where tasks are posted. To a public address over https, or to a host that is allowed by name.</summary>
    public required string Url { get; init; }

    /// <summary>
    /// A Standard Webhooks secret, <c>whsec_</c> and 24 to 64 bytes in base64. Tasks are signed with it, and so must callbacks be.
    /// </summary>
    public required string Secret { get; init; }

    /// <summary>Globs of the repositories whose tasks it gets. Default: all.</summary>
    public IReadOnlyList<string> Projects { get; init; } = ["*"];

    /// <summary>Without the secret.</summary>
    public override string ToString() => $"{Name} at {Url}";
}
