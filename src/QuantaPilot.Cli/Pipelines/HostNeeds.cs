using QuantaPilot.Core.Pipeline;

namespace QuantaPilot.Cli.Pipelines;

/// <summary>What a pipeline needs of the host that runs it, which the file alone can't show.</summary>
internal static class HostNeeds
{
    /// <returns>One sentence, or null if any host will do.</returns>
    public static string? Describe(PipelineDefinition pipeline)
    {
        var tasks = pipeline.Milestones.SelectMany(milestone => milestone.Tasks);
        var agents = tasks.Select(task => task.Agent).Prepend(pipeline.Documentation.Agent).DistinctBy(agent => agent.Name).ToList();
        var commands = agents.Where(agent => agent.Type == AgentDefinition.CommandType).Select(agent => $"agent {agent.Name}").ToList();
        if (pipeline.Milestones.Any(milestone => milestone.Checks.Count > 0)) commands.Add("checks");
        var endpoints = agents.Where(agent => agent.Type is AgentDefinition.HttpType or AgentDefinition.ChatType)
            .Select(agent => agent.Endpoint ?? "default").Distinct().Order(StringComparer.Ordinal).ToList();

        var needs = new List<string>();
        if (commands.Count > 0) needs.Add($"lets this repository start programs ({string.Join(", ", commands)}) and has them");
        if (endpoints.Count > 0)
            needs.Add($"has the endpoint{(endpoints.Count == 1 ? "" : "s")} {string.Join(", ", endpoints)} in its settings");
        return needs.Count == 0 ? null : $"not seen from here is whether the host {string.Join(" and ", needs)}.";
    }
}
