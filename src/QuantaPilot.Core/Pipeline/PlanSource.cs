namespace QuantaPilot.Core.Pipeline;

/// <summary>Where the plan stands if quantapilot.yml has no milestones: in the document that the anchor gate is about.</summary>
/// <param name="Path">The document, relative to the root of the repository.</param>
/// <param name="Agents">The agents of quantapilot.yml that tasks can be given to.</param>
public sealed record PlanSource(string Path, IReadOnlyList<AgentDefinition> Agents)
{
    private const string Document = "30_milestones.md";

    /// <param name="documentation">Whose folder the document is in.</param>
    /// <param name="agents">All agents of quantapilot.yml.</param>
    public static PlanSource Of(DocumentationDefinition documentation, IEnumerable<AgentDefinition> agents) =>
        new(
            $"{documentation.Path}/{Document}",
            [.. agents.Where(agent => agent.TakesTasks).OrderBy(agent => agent.Name, StringComparer.Ordinal)]);
}
