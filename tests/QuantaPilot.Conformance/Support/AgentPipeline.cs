namespace QuantaPilot.Conformance.Support;

/// <summary>quantapilot.yml of projects whose tasks the suite's agent carries out, which any host can have done.</summary>
internal static class AgentPipeline
{
    public const string Agents = $"version: 1\nagents: {{ remote: {{ type: http, endpoint: {RemoteAgent.Name}, timeout: 1h }} }}\n";

    /// <summary>No gate before the first milestone.</summary>
    public const string NoAnchor = "gates: { anchor: { required: false } }\n";

    /// <summary>One milestone with one task, from the start.</summary>
    public const string OneTask = Agents + NoAnchor +
        """
        milestones:
          - { id: M-001, title: Greeting, criteria: [ it says hello ], tasks: [ { agent: remote, prompt: greet.sh says hello } ] }

        """;

    /// <summary>Two milestones with one task each, without gates.</summary>
    public const string TwoMilestones = Agents +
        """
        gates: { anchor: { required: false }, milestone: { required: false } }
        milestones:
          - { id: M-001, title: Greeting, tasks: [ { agent: remote, prompt: greet.sh says hello } ] }
          - { id: M-002, title: Farewell, tasks: [ { agent: remote, prompt: leave.sh says goodbye } ] }

        """;
}
